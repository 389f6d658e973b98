#define _GNU_SOURCE
#include "CModemShim.h"

#include <errno.h>
#include <stdlib.h>
#include <fcntl.h>
#include <pty.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static atomic_int answers;

int modem_shim_answers(void) { return atomic_load(&answers); }

/// As the C library's, but a terminal without modem lines has them: DTR and RTS always on.
int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);

    int result = (int)syscall(SYS_ioctl, fd, request, argument);
    if (result == 0 || errno != ENOTTY) return result;
    int is_modem_request =
        request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC;
    if (!is_modem_request || !isatty(fd)) {
        errno = ENOTTY;
        return -1;
    }
    if (request == TIOCMGET) *(int *)argument = TIOCM_DTR | TIOCM_RTS;
    atomic_fetch_add(&answers, 1);
    return 0;
}

int modem_shim_open_terminal(int *keeper, char *path, int length) {
    int master;
    struct termios raw = {0};
    cfmakeraw(&raw);
    raw.c_cflag |= CREAD | CLOCAL;
    cfsetspeed(&raw, B9600);
    if (openpty(&master, keeper, NULL, &raw, NULL) != 0) return -1;
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(*keeper, F_SETFD, FD_CLOEXEC);
    return ptsname_r(master, path, (unsigned)length) == 0 ? master : -1;
}

unsigned modem_shim_rate(int fd) {
    // struct termios2: 44 bytes, the output rate last. <asm/termbits.h> clashes with <termios.h>.
    unsigned words[11] = {0};
    unsigned long get_termios2 = _IOR('T', 0x2A, words);
    return ioctl(fd, get_termios2, words) == 0 ? words[10] : 0;
}
