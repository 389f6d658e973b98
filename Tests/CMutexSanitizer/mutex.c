// Swift's Mutex (Synchronization) takes the lock with an atomic that is inlined into our code, where
// the thread sanitiser sees it. Under contention it calls into libswiftSynchronization, which is not
// instrumented: the sanitiser then misses the lock and reports races in code that is right (Swift
// 6.3.1; two threads that count up under one Mutex are enough). These come before the library's two
// functions, tell the sanitiser what happens, and call on.
#include "CMutexSanitizer.h"

#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1l)
#endif

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

extern void __tsan_acquire(void *place);
extern void __tsan_release(void *place);

typedef __attribute__((swiftcall)) void Lock(
    uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void Unlock(__attribute__((swift_context)) void *mutex);

__attribute__((swiftcall)) void sacbot_lock_slow(
    uint32_t thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK);
__attribute__((swiftcall)) void sacbot_unlock_slow(
    __attribute__((swift_context)) void *mutex) __asm__(UNLOCK);

__attribute__((swiftcall)) void sacbot_lock_slow(uint32_t thread, __attribute__((swift_context)) void *mutex)
{
    Lock *next = (Lock *)dlsym(RTLD_NEXT, LOCK);
    next(thread, mutex);
    __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void sacbot_unlock_slow(__attribute__((swift_context)) void *mutex)
{
    Unlock *next = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(mutex);
    next(mutex);
}

#endif
