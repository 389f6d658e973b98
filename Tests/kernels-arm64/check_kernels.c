// Checks every kernel at every level this processor can run against double-precision loops.
//
// Built for this machine and for 64-bit Arm, where an emulator runs it: see run.sh.
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int32_t level;

static uint64_t seed_in_use, state;
static long checks, failures;

void reseed(uint64_t seed) { seed_in_use = state = seed; }

// splitmix64 (Steele, Lea, Flood 2014).
uint64_t random_word(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

double uniform(double lowest, double highest)
{
    return lowest + (highest - lowest) * (double)(random_word() >> 11) * 0x1p-53;
}

ptrdiff_t below(ptrdiff_t bound) { return (ptrdiff_t)(random_word() % (uint64_t)bound); }

void expect(bool holds, const char *format, ...)
{
    checks++;
    if (holds) return;
    if (++failures > 20) return;
    printf("level %d, seed %llu: ", level, (unsigned long long)seed_in_use);
    va_list values;
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    printf("\n");
}

// A quiet NaN that no computation produces.
static const uint32_t guard = 0x7FC5AC07;

enum { LINE = 16, MOST = 64 };
static struct {
    float *base;
    matrix inside;
} live[MOST];
static int live_count;

static ptrdiff_t padded(ptrdiff_t columns) { return (columns + LINE - 1) / LINE * LINE; }
static size_t room(matrix m) { return (size_t)(m.rows * m.stride + 2 * LINE); }

matrix zeros(ptrdiff_t rows, ptrdiff_t columns)
{
    matrix m = {.rows = rows, .columns = columns, .stride = padded(columns) + LINE};
    float *base = aligned_alloc(64, (room(m) * sizeof(float) + 63) / 64 * 64);
    if (!base || live_count == MOST) abort();
    for (size_t i = 0; i < room(m); i++) memcpy(base + i, &guard, sizeof guard);
    m.at = base + LINE;
    for (ptrdiff_t i = 0; i < rows; i++) {
        memset(m.at + i * m.stride, 0, (size_t)padded(columns) * sizeof(float));
    }
    live[live_count].base = base;
    live[live_count++].inside = m;
    return m;
}

matrix noise(ptrdiff_t rows, ptrdiff_t columns)
{
    matrix m = zeros(rows, columns);
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t j = 0; j < columns; j++) m.at[i * m.stride + j] = (float)uniform(-1, 1);
    }
    return m;
}

matrix noise_row(ptrdiff_t count) { return noise(1, count); }

static bool is_untouched(const float *base, matrix m)
{
    ptrdiff_t touched = padded(m.columns);
    for (size_t i = 0; i < room(m); i++) {
        ptrdiff_t place = (ptrdiff_t)i - LINE;
        bool inside = place >= 0 && place < m.rows * m.stride && place % m.stride < touched;
        if (!inside && memcmp(base + i, &guard, sizeof guard) != 0) return false;
    }
    return true;
}

void release_all(void)
{
    while (live_count > 0) {
        live_count--;
        matrix m = live[live_count].inside;
        expect(is_untouched(live[live_count].base, m),
               "something wrote beside a matrix of %td x %td", m.rows, m.columns);
        free(live[live_count].base);
    }
}

void check_levels(void)
{
#if defined(__aarch64__)
    const bool is_arm = true;
#else
    const bool is_arm = false;
#endif
    expect(ck_has_level(CK_LEVEL_PLAIN), "the plain level is missing");
    expect(ck_has_level(CK_LEVEL_NEON) == is_arm, "the NEON level is where it does not belong");
    if (is_arm) {
        expect(!ck_has_level(CK_LEVEL_AVX2), "AVX2 on Arm");
        expect(!ck_has_level(CK_LEVEL_AVX512), "AVX-512 on Arm");
    }
    expect(!ck_has_level(-1) && !ck_has_level(CK_LEVEL_COUNT), "a level that is none");
    expect(ck_has_level(ck_best_level()), "the best level cannot run");
    for (int32_t other = ck_best_level() + 1; other < CK_LEVEL_COUNT; other++) {
        expect(!ck_has_level(other), "level %d is better than the best", other);
    }
}

int main(void)
{
    check_levels();
    for (level = 0; level < CK_LEVEL_COUNT; level++) {
        if (!ck_has_level(level)) continue;
        long before = checks;
        check_products();
        check_passes();
        check_norms();
        check_functions();
        check_convolutions();
        printf("level %d: %ld checks\n", level, checks - before);
    }
    printf("best level %d, %ld checks, %ld failures\n", ck_best_level(), checks, failures);
    return failures == 0 ? 0 : 1;
}
