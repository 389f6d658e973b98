#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int sacbot_open_pty(int *master, int *slave, char *name, int name_length) {
    int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (m < 0) return -errno;
    int s = -1;
    int error = 0;
    if (grantpt(m) != 0 || unlockpt(m) != 0) {
        error = errno;
    } else {
        error = ptsname_r(m, name, (size_t)name_length);
    }
    if (error == 0) {
        s = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (s < 0) error = errno;
    }
    // A new slave echoes; that must be off before anybody learns its name.
    if (error == 0) error = -sacbot_set_raw(s);
    if (error == 0) {
        int flags = fcntl(m, F_GETFL);
        if (flags < 0 || fcntl(m, F_SETFL, flags | O_NONBLOCK) < 0) error = errno;
    }
    if (error != 0) {
        if (s >= 0) close(s);
        close(m);
        return -error;
    }
    *master = m;
    *slave = s;
    return 0;
}
