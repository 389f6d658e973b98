/// What the checks share: random numbers, matrices with guarded surroundings, and comparisons whose
/// bounds come from the number of roundings.
#ifndef SACBOT_CHECK_H
#define SACBOT_CHECK_H

#include "CKernels.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Half the distance from 1 to the next single-precision number: the error of one rounding.
#define UNIT_ROUNDOFF 0x1p-24

/// The level under test.
extern int32_t level;

/// Restarts the random numbers; a failure names the seed.
void reseed(uint64_t seed);
uint64_t random_word(void);
/// Uniform in [lowest, highest).
double uniform(double lowest, double highest);
/// A whole number in 0 ..< bound.
ptrdiff_t below(ptrdiff_t bound);

/// A row-major matrix whose rows are 16 floats longer than a kernel may touch.
///
/// Columns to the next multiple of 16 hold zeros; what lies beyond, and a cache line before and
/// behind the whole, holds a NaN with a pattern of its own, which nothing may read or overwrite.
typedef struct {
    float *at;
    ptrdiff_t rows, columns, stride;
} matrix;

matrix zeros(ptrdiff_t rows, ptrdiff_t columns);
/// Entries in [-1, 1).
matrix noise(ptrdiff_t rows, ptrdiff_t columns);
/// One row; `at[i]` are its entries.
matrix noise_row(ptrdiff_t count);
/// Frees every matrix made since the last call, after a look at all their surroundings.
void release_all(void);

static inline float entry(matrix m, ptrdiff_t row, ptrdiff_t column)
{
    return m.at[row * m.stride + column];
}

/// Counts a check; the first failures are printed with what `printf` makes of the rest.
void expect(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Whether `found` is within the bound of `expected`; NaN only equals NaN.
static inline bool is_near(double found, double expected, double bound)
{
    if (isnan(expected) || isnan(found)) return isnan(expected) && isnan(found);
    // Infinities too are equal to themselves only.
    return found == expected || fabs(found - expected) <= bound;
}

/// The largest error of a single-precision sum of `terms` products in any order, given the sum of
/// their sizes (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1).
static inline double sum_bound(double sizes, ptrdiff_t terms)
{
    double roundings = (double)(terms + 1) * UNIT_ROUNDOFF;
    return sizes * roundings / (1 - roundings) + 0x1p-149;
}

void check_products(void);
void check_passes(void);
void check_norms(void);
void check_functions(void);
void check_convolutions(void);
/// What no level may differ in: which levels there are.
void check_levels(void);

#endif
