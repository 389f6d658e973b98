/// Counts what a thread asks the heap for.
#ifndef SACBOT_ALLOCATION_COUNT_H
#define SACBOT_ALLOCATION_COUNT_H

#include <stdint.h>

/// How often the calling thread has asked for memory so far, by whatever function.
int64_t allocation_count(void);

#endif
