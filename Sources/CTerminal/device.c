#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>

int sacbot_open_device(const char *path) {
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int sacbot_lock(int fd) {
    return flock(fd, LOCK_EX | LOCK_NB) != 0 ? -errno : 0;
}

int sacbot_flush_input(int fd) {
    return tcflush(fd, TCIFLUSH) != 0 ? -errno : 0;
}

int sacbot_input_waiting(int fd) {
    int count = 0;
    return ioctl(fd, FIONREAD, &count) != 0 ? -errno : count;
}

int sacbot_wait(int fd, int writing, long long nanoseconds) {
    if (nanoseconds < 0) nanoseconds = 0;
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    struct pollfd entry = {fd, writing ? POLLOUT : POLLIN, 0};
    int count = ppoll(&entry, 1, &limit, NULL);
    // A signal ends the wait early; the caller looks at its deadline and waits again.
    if (count < 0) return errno == EINTR ? 0 : -errno;
    return count == 0 ? 0 : entry.revents;
}

int sacbot_close_on_exec(int fd) {
    return fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ? -errno : 0;
}

int sacbot_exclusive(int fd, int on) {
    return ioctl(fd, on ? TIOCEXCL : TIOCNXCL) != 0 ? -errno : 0;
}
