// Pseudo-terminals have no modem lines, and libserialport refuses a device without them. A program
// linked with this has an `ioctl` of its own that gives every terminal modem lines, so that the
// libserialport back end can be tested without an adapter.
#pragma once

/// How many modem-line requests were answered in the kernel's place since the program started.
int modem_shim_answers(void);

/// Opens a pseudo-terminal, both ends raw, without the code under test: its master's descriptor, or
/// -1. The slave's path goes to `path`; the slave stays open as long as `keeper`.
int modem_shim_open_terminal(int *keeper, char *path, int length);

/// The bits per second a terminal is set to; on a master, what the client at the other end has set.
unsigned modem_shim_rate(int fd);
