// All kernels of one level. The including file sets the vector width (CK_LANES floats), the tile of
// a product (CK_TILE_ROWS x CK_TILE_VECTORS), the vectors of one row kept in registers
// (CK_ROW_VECTORS), the target and the names' suffix.
#include "kernel_table.h"

#if defined(CK_TARGET)
#pragma clang attribute push(__attribute__((target(CK_TARGET))), apply_to = function)
#endif

// One rounding for a product and its sum wherever the level has the instruction.
#pragma STDC FP_CONTRACT ON

typedef float vector __attribute__((vector_size(CK_LANES * 4)));
typedef int32_t mask_vector __attribute__((vector_size(CK_LANES * 4)));

#define CK_INLINE static inline __attribute__((always_inline))

CK_INLINE vector load(const float *p) { return *(const vector *)p; }
CK_INLINE void store(float *p, vector v) { *(vector *)p = v; }
// Subtracting zero leaves every value alone, even -0, so it costs no instruction.
CK_INLINE vector splat(float x) { return x - (vector){}; }
CK_INLINE vector choose(mask_vector where, vector yes, vector no)
{
    return (vector)((where & (mask_vector)yes) | (~where & (mask_vector)no));
}
// A NaN passes through these three: a broken network must not look like a silent one.
CK_INLINE vector at_least(vector x, vector bound) { return choose(x < bound, bound, x); }
CK_INLINE vector at_most(vector x, vector bound) { return choose(x > bound, bound, x); }
CK_INLINE vector rectified(vector x) { return (vector)((mask_vector)x & ~(x < (vector){})); }
CK_INLINE vector positive_only(vector x, vector gate)
{
    return (vector)((mask_vector)x & (gate > (vector){}));
}

#include "body_transpose.h"
#include "body_gemm.h"
#include "body_rows.h"
#include "body_functions.h"
#include "body_norm.h"
#include "body_conv.h"

const ck_table CK_NAME(ck_table) = {
    .gemm = CK_NAME(gemm),
    .gemm_transposed = CK_NAME(gemm_transposed),
    .row_dot = CK_NAME(row_dot),
    .column_sum = CK_NAME(column_sum),
    .outer_masked = CK_NAME(outer_masked),
    .transpose = CK_NAME(transpose),
    .adam = CK_NAME(adam),
    .all_finite = CK_NAME(all_finite),
    .normals = CK_NAME(normals),
    .squash = CK_NAME(squash),
    .squash_gradient = CK_NAME(squash_gradient),
    .tanh_all = CK_NAME(tanh_all),
    .row_times_matrix = CK_NAME(row_times_matrix),
    .layer_norm = CK_NAME(layer_norm),
    .layer_norm_back = CK_NAME(layer_norm_back),
    .column_moments = CK_NAME(column_moments),
    .column_products = CK_NAME(column_products),
    .combine_columns = CK_NAME(combine_columns),
    .layer_norm_tanh = CK_NAME(layer_norm_tanh),
    .add = CK_NAME(add),
    .tanh_back = CK_NAME(tanh_back),
    .convolve = CK_NAME(convolve),
    .convolve_weights = CK_NAME(convolve_weights),
    .sum_slopes = CK_NAME(sum_slopes),
    .sum_lanes = CK_NAME(sum_lanes),
    .pool = CK_NAME(pool),
    .unpool = CK_NAME(unpool),
    .pixels_to_lanes = CK_NAME(pixels_to_lanes),
};

#if defined(CK_TARGET)
#pragma clang attribute pop
#endif
