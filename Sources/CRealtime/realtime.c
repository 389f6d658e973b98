#define _GNU_SOURCE
#include "CRealtime.h"

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int sacbot_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

int sacbot_use_fifo(int priority) {
  struct sched_param parameters = {.sched_priority = priority};
  return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

int sacbot_be_nice(int nice) {
  return setpriority(PRIO_PROCESS, (id_t)gettid(), nice) == 0 ? 0 : errno;
}

int sacbot_use_cpu(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return EINVAL;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  return sched_setaffinity(0, sizeof cpus, &cpus) == 0 ? 0 : errno;
}

// Whether locked memory has no limit for this process: CAP_IPC_LOCK, or the limit is infinite.
static bool may_lock_everything(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) return true;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[0].effective & (1u << CAP_IPC_LOCK)) != 0;
}

int sacbot_lock_memory(void) {
  if (!may_lock_everything()) return EPERM;
  if (mlockall(MCL_CURRENT) != 0) return errno;
  // What comes later, a thread's stack of 8 MB for one, is locked as far as it is used.
  return mlockall(MCL_FUTURE | MCL_ONFAULT) == 0 ? 0 : errno;
}

void sacbot_touch_stack(void) {
  volatile char pages[512 * 1024];
  for (size_t place = 0; place < sizeof pages; place += 4096) pages[place] = 0;
}

int sacbot_timer_slack(unsigned long nanoseconds) {
  return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) == 0 ? 0 : errno;
}

static int64_t clock_nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t sacbot_monotonic(void) { return clock_nanoseconds(CLOCK_MONOTONIC); }

int64_t sacbot_cpu_time(void) { return clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }

void sacbot_sleep_until(int64_t nanoseconds) {
  struct timespec until = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
}
