// Terminals: pseudo-terminal pairs, any baud rate, locks. What Swift cannot import, because
// <asm/termbits.h> (termios2) and glibc's <termios.h> cannot be included together.
//
// Every function returns 0 (or what it says) on success and a negative errno on failure.
#pragma once

/// Opens a pseudo-terminal pair, both ends raw, both closed on exec, the master non-blocking.
/// Writes the slave's path, with its terminating zero, to `name`.
int sacbot_open_pty(int *master, int *slave, char *name, int name_length);

/// Makes a terminal raw: 8 data bits, no parity, 1 stop bit, no echo, no translation, no flow
/// control, modem lines ignored; a read returns what is there (VMIN = VTIME = 0). Keeps the rate.
int sacbot_set_raw(int fd);

/// Sets both rates of a terminal to any number of bits per second.
int sacbot_set_baud(int fd, unsigned rate);

/// The output rate of a terminal in bits per second, 0 if it has none. On the master of a
/// pseudo-terminal this is what the program at the slave's end has set.
unsigned sacbot_get_baud(int fd);

/// Opens a device for reading and writing without waiting and without making it the controlling
/// terminal. Returns the descriptor.
int sacbot_open_device(const char *path);

/// Locks an open file for this descriptor alone (flock); -EWOULDBLOCK if somebody else has it.
/// The lock goes away with the descriptor, however the process ends.
int sacbot_lock(int fd);

/// Throws away bytes that have arrived and were not read.
int sacbot_flush_input(int fd);

/// The number of bytes that have arrived and were not read.
int sacbot_input_waiting(int fd);

/// Waits until there is something to read (or, if `writing`, room to write), at most `nanoseconds`.
/// Returns 0 when time is over, else the events poll(2) reports.
int sacbot_wait(int fd, int writing, long long nanoseconds);

/// Closes the descriptor when another program is executed, so that a child cannot hold a lock.
int sacbot_close_on_exec(int fd);

/// Keeps other programs (except root's) from opening the terminal, or lets them again. The kernel
/// forgets it when the last descriptor is closed.
int sacbot_exclusive(int fd, int on);
