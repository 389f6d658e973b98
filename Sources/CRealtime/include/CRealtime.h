#pragma once
#include <stdbool.h>
#include <stdint.h>

// What Linux offers a control thread and Swift cannot reach: names behind _GNU_SOURCE, and errno
// that must be read before anything else runs. All functions return 0 or an errno value.

// Names the calling thread; Linux keeps the first 15 bytes.
int sacbot_name_thread(const char *name);
// SCHED_FIFO with `priority` (1-99) for the calling thread.
int sacbot_use_fifo(int priority);
// Ordinary scheduling with this nice value (0 to 19) for the calling thread.
int sacbot_be_nice(int nice);
// Keeps the calling thread on one processor, counted from 0.
int sacbot_use_cpu(int cpu);
// Locks the pages the process has now, all of them, and every later one when it is first touched.
// Refuses with EPERM where a limit on locked memory would make later allocations fail.
int sacbot_lock_memory(void);
// Touches the calling thread's stack downwards, so that no tick meets an absent page.
void sacbot_touch_stack(void);
// Timer slack of the calling thread in nanoseconds (the default is 50,000).
int sacbot_timer_slack(unsigned long nanoseconds);
// CLOCK_MONOTONIC in nanoseconds.
int64_t sacbot_monotonic(void);
// CPU time of the process in nanoseconds.
int64_t sacbot_cpu_time(void);
// Sleeps until an absolute CLOCK_MONOTONIC moment; goes on after signals.
void sacbot_sleep_until(int64_t nanoseconds);
