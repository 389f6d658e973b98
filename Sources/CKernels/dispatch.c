// Picks the build of a kernel that the caller's level names.
#include "kernel_table.h"

/// The level's kernels; NULL where this processor or operating system cannot run them.
static const ck_table *runnable(int32_t level)
{
    switch (level) {
    case CK_LEVEL_PLAIN: return &ck_table_plain;
#if defined(__x86_64__)
    case CK_LEVEL_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ck_table_avx2
                                                                               : NULL;
    case CK_LEVEL_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("fma")
                   ? &ck_table_avx512
                   : NULL;
#elif defined(__aarch64__)
    // Part of the architecture: a system without it could not have started this program.
    case CK_LEVEL_NEON: return &ck_table_neon;
#endif
    default: return NULL;
    }
}

bool ck_has_level(int32_t level) { return runnable(level) != NULL; }

int32_t ck_best_level(void)
{
    int32_t level = CK_LEVEL_COUNT - 1;
    while (!ck_has_level(level)) level--;
    return level;
}

/// The level's kernels, without asking the processor again.
static const ck_table *table(int32_t level)
{
#if defined(__x86_64__)
    if (level == CK_LEVEL_AVX512) return &ck_table_avx512;
    if (level == CK_LEVEL_AVX2) return &ck_table_avx2;
#elif defined(__aarch64__)
    if (level == CK_LEVEL_NEON) return &ck_table_neon;
#endif
    (void)level;
    return &ck_table_plain;
}

void ck_gemm(int32_t level, bool transpose_a, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
             const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride, float *c,
             ptrdiff_t c_stride, ck_epilogue epilogue)
{
    table(level)->gemm(transpose_a, rows, columns, inner, a, a_stride, b, b_stride, c, c_stride,
                       epilogue);
}

void ck_gemm_transposed(int32_t level, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
                        const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride,
                        float *c, ptrdiff_t c_stride, ck_epilogue epilogue, float *panel)
{
    table(level)->gemm_transposed(rows, columns, inner, a, a_stride, b, b_stride, c, c_stride,
                                  epilogue, panel);
}

void ck_row_dot(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *h, ptrdiff_t stride,
                const float *weights, float bias, float *out)
{
    table(level)->row_dot(rows, columns, h, stride, weights, bias, out);
}

void ck_column_sum(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                   ptrdiff_t stride, const float *scale, float *out)
{
    table(level)->column_sum(rows, columns, x, stride, scale, out);
}

void ck_outer_masked(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *scale,
                     const float *weights, const float *h, ptrdiff_t h_stride,
                     const int32_t *rows_of, float *d, ptrdiff_t d_stride)
{
    table(level)->outer_masked(rows, columns, scale, weights, h, h_stride, rows_of, d, d_stride);
}

void ck_transpose(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                  ptrdiff_t stride, float *t, ptrdiff_t t_stride)
{
    table(level)->transpose(rows, columns, x, stride, t, t_stride);
}

void ck_adam(int32_t level, ptrdiff_t count, float *theta, const float *gradient, float *m,
             float *v, ck_adam_step step, float *target, float tau)
{
    table(level)->adam(count, theta, gradient, m, v, step, target, tau);
}

bool ck_all_finite(int32_t level, ptrdiff_t count, const float *x)
{
    return table(level)->all_finite(count, x);
}

void ck_normals(int32_t level, ptrdiff_t count, const uint64_t *words, float *out)
{
    table(level)->normals(count, words, out);
}

void ck_squash(int32_t level, ptrdiff_t count, const float *mean, const float *log_sigma,
               float log_sigma_lowest, float log_sigma_highest, const float *noise, float *action,
               float *derivative, float *spread, float *log_density)
{
    table(level)->squash(count, mean, log_sigma, log_sigma_lowest, log_sigma_highest, noise,
                         action, derivative, spread, log_density);
}

void ck_squash_gradient(int32_t level, ptrdiff_t count, const float *action,
                        const float *derivative, const float *spread, const float *log_sigma,
                        float log_sigma_lowest, float log_sigma_highest, const float *q_slope,
                        float alpha, float scale, float *mean_gradient,
                        float *log_sigma_gradient)
{
    table(level)->squash_gradient(count, action, derivative, spread, log_sigma, log_sigma_lowest,
                                  log_sigma_highest, q_slope, alpha, scale, mean_gradient,
                                  log_sigma_gradient);
}

void ck_tanh(int32_t level, ptrdiff_t count, const float *x, float *out)
{
    table(level)->tanh_all(count, x, out);
}

void ck_row_times_matrix(int32_t level, ptrdiff_t inputs, ptrdiff_t columns, const float *x,
                         const float *w, ptrdiff_t w_stride, const float *bias, bool rectify,
                         float *y)
{
    table(level)->row_times_matrix(inputs, columns, x, w, w_stride, bias, rectify, y);
}

void ck_layer_norm(int32_t level, ptrdiff_t rows, ptrdiff_t columns, float *x, ptrdiff_t stride,
                   const float *gain, const float *shift, float epsilon, float *normalised,
                   ptrdiff_t normalised_stride, float *inverse_deviation)
{
    table(level)->layer_norm(rows, columns, x, stride, gain, shift, epsilon, normalised,
                             normalised_stride, inverse_deviation);
}

void ck_layer_norm_back(int32_t level, ptrdiff_t rows, ptrdiff_t columns, float *slope,
                        ptrdiff_t stride, const float *normalised, ptrdiff_t normalised_stride,
                        const float *inverse_deviation, const float *gain, float *gain_gradient,
                        float *shift_gradient)
{
    table(level)->layer_norm_back(rows, columns, slope, stride, normalised, normalised_stride,
                                  inverse_deviation, gain, gain_gradient, shift_gradient);
}

void ck_column_moments(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                       ptrdiff_t stride, float *mean, float *variance)
{
    table(level)->column_moments(rows, columns, x, stride, mean, variance);
}

void ck_column_products(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                        ptrdiff_t x_stride, const float *y, ptrdiff_t y_stride, float *out)
{
    table(level)->column_products(rows, columns, x, x_stride, y, y_stride, out);
}

void ck_combine_columns(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                        ptrdiff_t x_stride, const float *x_scale, const float *y,
                        ptrdiff_t y_stride, const float *y_scale, const float *shift,
                        const float *gate, ptrdiff_t gate_stride, float *out,
                        ptrdiff_t out_stride)
{
    table(level)->combine_columns(rows, columns, x, x_stride, x_scale, y, y_stride, y_scale, shift,
                                  gate, gate_stride, out, out_stride);
}

void ck_layer_norm_tanh(int32_t level, ptrdiff_t rows, ptrdiff_t columns, float *x,
                        ptrdiff_t stride, const float *gain, const float *shift, float epsilon,
                        float *normalised, ptrdiff_t normalised_stride, float *inverse_deviation)
{
    table(level)->layer_norm_tanh(rows, columns, x, stride, gain, shift, epsilon, normalised,
                                  normalised_stride, inverse_deviation);
}

void ck_add(int32_t level, ptrdiff_t count, const float *x, float *sum)
{
    table(level)->add(count, x, sum);
}

void ck_tanh_back(int32_t level, ptrdiff_t count, const float *y, float *slope)
{
    table(level)->tanh_back(count, y, slope);
}

void ck_convolve(int32_t level, const ck_convolution *shape, const float *in, const float *weights,
                 const float *bias, bool rectify, const float *gate, float *out)
{
    table(level)->convolve(shape, in, weights, bias, rectify, gate, out);
}

void ck_convolve_weights(int32_t level, const ck_convolution *shape, ptrdiff_t groups,
                         const float *in, ptrdiff_t in_group, const float *slope,
                         ptrdiff_t slope_group, float *sums)
{
    table(level)->convolve_weights(shape, groups, in, in_group, slope, slope_group, sums);
}

void ck_sum_slopes(int32_t level, const ck_convolution *shape, const float *slope, float *sums)
{
    table(level)->sum_slopes(shape, slope, sums);
}

void ck_sum_lanes(int32_t level, ptrdiff_t count, const float *sums, float *out)
{
    table(level)->sum_lanes(count, sums, out);
}

void ck_pool(int32_t level, const ck_pooling *shape, const float *in, float *out, float *chosen)
{
    table(level)->pool(shape, in, out, chosen);
}

void ck_unpool(int32_t level, const ck_pooling *shape, const float *slope, const float *chosen,
               float *back)
{
    table(level)->unpool(shape, slope, chosen, back);
}

void ck_pixels_to_lanes(int32_t level, const ck_pictures *shape, ptrdiff_t count,
                        const uint8_t *bytes, ptrdiff_t stride, float *out)
{
    table(level)->pixels_to_lanes(shape, count, bytes, stride, out);
}
