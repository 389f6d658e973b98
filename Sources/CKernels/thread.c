// Behind _GNU_SOURCE, where Swift does not see it.
#define _GNU_SOURCE
#include "CKernels.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

void ck_name_thread(const char *name)
{
    char kept[16] = {0};
    strncpy(kept, name, sizeof kept - 1);
    // A name is for people; a container that forbids it changes nothing else.
    (void)pthread_setname_np(pthread_self(), kept);
}

int64_t ck_preemptions(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}
