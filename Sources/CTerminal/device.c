#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
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
