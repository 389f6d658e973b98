/// The learner's numeric kernels, in builds for each kind of processor, chosen at run time.
///
/// Rules for every call: matrices are row-major; each row starts `stride` floats after the last;
/// strides and vector lengths are multiples of 16 floats and pointers are 64-byte aligned, so a
/// kernel may touch a row up to the next multiple of 16 columns; padding holds zeros.
/// Nothing here allocates, keeps state or depends on a clock: the same input on the same level
/// gives the same bits.
#ifndef SACBOT_CKERNELS_H
#define SACBOT_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Which build of the kernels to run; of those a processor can run, a higher number is faster.
///
/// No processor runs all of them: ask `ck_has_level`.
enum {
    /// No instruction beyond those the program was compiled for.
    CK_LEVEL_PLAIN = 0,
    /// AVX2 and FMA.
    CK_LEVEL_AVX2 = 1,
    /// AVX-512 F, VL, BW and DQ.
    CK_LEVEL_AVX512 = 2,
    /// 64-bit Arm.
    CK_LEVEL_NEON = 3,
    /// How many there are.
    CK_LEVEL_COUNT = 4,
};

/// Whether this processor and operating system can run a level; false for a number that is none.
bool ck_has_level(int32_t level);

/// The highest level this processor and operating system can run.
int32_t ck_best_level(void);

/// What `ck_gemm` does with the finished block before storing it.
typedef struct {
    /// Added to every row first; NULL for none.
    const float *bias;
    /// Entries of C are kept where this matrix is positive and zeroed elsewhere; NULL for none.
    const float *mask;
    ptrdiff_t mask_stride;
    /// Row i of C looks at row mask_rows[i] of the mask; NULL means row i itself.
    const int32_t *mask_rows;
    /// Whether negative entries become zero.
    bool rectify;
} ck_epilogue;

/// C (rows x columns) = A B, or Aᵀ B when `transpose_a`; `inner` is the summed dimension.
void ck_gemm(int32_t level, bool transpose_a, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
             const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride, float *c,
             ptrdiff_t c_stride, ck_epilogue epilogue);

/// Columns of Bᵀ that `ck_gemm_transposed` turns at a time.
enum { CK_PANEL_COLUMNS = 32 };

/// C (rows x columns) = A Bᵀ, where B is columns x inner.
///
/// `panel` is room for inner x CK_PANEL_COLUMNS floats, in which B is turned panel by panel: that
/// stays in the first-level cache, where a transposed copy of B would not.
void ck_gemm_transposed(int32_t level, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
                        const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride,
                        float *c, ptrdiff_t c_stride, ck_epilogue epilogue, float *panel);

/// out[i] = row i of H times `weights`, plus `bias`.
void ck_row_dot(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *h, ptrdiff_t stride,
                const float *weights, float bias, float *out);

/// out[j] = sum over rows of X[i][j], each row scaled by scale[i] when `scale` is not NULL.
void ck_column_sum(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                   ptrdiff_t stride, const float *scale, float *out);

/// D[i][j] = scale[i] weights[j] where H[rows_of[i]][j] is positive, else zero.
///
/// `rows_of` picks rows of H; NULL means row i itself.
void ck_outer_masked(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *scale,
                     const float *weights, const float *h, ptrdiff_t h_stride,
                     const int32_t *rows_of, float *d, ptrdiff_t d_stride);

/// T (columns x rows) = the transpose of X (rows x columns), without the padding or alignment rule.
void ck_transpose(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                  ptrdiff_t stride, float *t, ptrdiff_t t_stride);

/// One Adam step's constants, bias corrections folded in.
typedef struct {
    float beta1, beta2;
    /// Learning rate / (1 - beta1^t).
    float step_size;
    /// 1 / sqrt(1 - beta2^t).
    float root_correction;
    float epsilon;
} ck_adam_step;

/// Moves `theta` by one Adam step; when `target` is not NULL, target += tau (theta - target).
void ck_adam(int32_t level, ptrdiff_t count, float *theta, const float *gradient, float *m,
             float *v, ck_adam_step step, float *target, float tau);

/// Whether no value is infinite or NaN.
bool ck_all_finite(int32_t level, ptrdiff_t count, const float *x);

/// Standard normal deviates by Box-Muller, two from each 64-bit word.
///
/// `count` is a multiple of 32; words[0 ..< count / 2] are uniform.
void ck_normals(int32_t level, ptrdiff_t count, const uint64_t *words, float *out);

/// Samples of a tanh-squashed Gaussian; all arrays hold `count` values (a multiple of 16).
///
/// In: mean, log_sigma (unclamped), noise. Out: action = tanh(u), derivative = 1 - tanh²(u),
/// spread = sigma noise, and log density of each coordinate added to log_density.
void ck_squash(int32_t level, ptrdiff_t count, const float *mean, const float *log_sigma,
               float log_sigma_lowest, float log_sigma_highest, const float *noise, float *action,
               float *derivative, float *spread, float *log_density);

/// Gradient of scale * (alpha log pi - Q) at the samples of `ck_squash`, by mean and log_sigma.
///
/// `q_slope` is dQ/daction. Where log_sigma was clamped its gradient is zero.
void ck_squash_gradient(int32_t level, ptrdiff_t count, const float *action,
                        const float *derivative, const float *spread, const float *log_sigma,
                        float log_sigma_lowest, float log_sigma_highest, const float *q_slope,
                        float alpha, float scale, float *mean_gradient,
                        float *log_sigma_gradient);

/// out[i] = tanh(x[i]) for a multiple of 16 values.
void ck_tanh(int32_t level, ptrdiff_t count, const float *x, float *out);

/// y = x W + bias for one row; negative entries become zero when `rectify`.
void ck_row_times_matrix(int32_t level, ptrdiff_t inputs, ptrdiff_t columns, const float *x,
                         const float *w, ptrdiff_t w_stride, const float *bias, bool rectify,
                         float *y);

/// Normalises the rows of X, then X = max(0, gain n + shift); n and 1 / deviation are kept.
///
/// n = (x - mean) / sqrt(variance + epsilon) over the `columns` of a row.
void ck_layer_norm(int32_t level, ptrdiff_t rows, ptrdiff_t columns, float *x, ptrdiff_t stride,
                   const float *gain, const float *shift, float epsilon, float *normalised,
                   ptrdiff_t normalised_stride, float *inverse_deviation);

/// Takes slopes at `gain n + shift` back to slopes at X, in place.
///
/// With `gain_gradient`, it and `shift_gradient` receive the sums over the rows.
void ck_layer_norm_back(int32_t level, ptrdiff_t rows, ptrdiff_t columns, float *slope,
                        ptrdiff_t stride, const float *normalised, ptrdiff_t normalised_stride,
                        const float *inverse_deviation, const float *gain, float *gain_gradient,
                        float *shift_gradient);

/// Mean and variance (divided by `rows`) of each column of X.
void ck_column_moments(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                       ptrdiff_t stride, float *mean, float *variance);

/// out[j] = sum over rows of X[i][j] Y[i][j].
void ck_column_products(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                        ptrdiff_t x_stride, const float *y, ptrdiff_t y_stride, float *out);

/// OUT[i][j] = X[i][j] x_scale[j] + Y[i][j] y_scale[j] + shift[j], zero where `gate` is not positive.
///
/// `y` and `gate` may be NULL; OUT may be X, Y or the gate.
void ck_combine_columns(int32_t level, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                        ptrdiff_t x_stride, const float *x_scale, const float *y,
                        ptrdiff_t y_stride, const float *y_scale, const float *shift,
                        const float *gate, ptrdiff_t gate_stride, float *out,
                        ptrdiff_t out_stride);

/// How many pictures the kernels below take at a time, a lane each.
///
/// An element of their arrays is one number of each: 16 floats, 64-byte aligned. A picture's elements
/// lie as rows, columns, channels; distances are counted in elements.
enum { CK_PICTURE_LANES = 16 };

/// A run of inputs that lie together and the weights they are multiplied with.
typedef struct {
    /// Distance of the run from an output's first input, in elements.
    ptrdiff_t input;
    /// Index of its first weight.
    ptrdiff_t weights;
} ck_segment;

/// Where the inputs, outputs and weights of a convolution lie.
typedef struct {
    /// Outputs of a picture; of filters, a multiple of 4.
    ptrdiff_t rows, columns, filters;
    /// Each output sums over `segments` runs of `length` inputs; weights lie as input, filter.
    ptrdiff_t segments, length;
    const ck_segment *segment;
    /// From an output's first input to that of the output below and beside it.
    ptrdiff_t in_row, in_column;
    ptrdiff_t out_row, out_column;
    /// The same of the gate.
    ptrdiff_t gate_row, gate_column;
} ck_convolution;

/// out = bias + sum of weights times inputs, for 16 pictures.
///
/// Negative outputs become zero when `rectify`; with a gate, outputs are kept where it is positive
/// and zeroed elsewhere. `bias` and `gate` may be NULL.
void ck_convolve(int32_t level, const ck_convolution *shape, const float *in, const float *weights,
                 const float *bias, bool rectify, const float *gate, float *out);

/// sums[weight] += input times slope over all outputs, each lane by itself.
///
/// `groups` sets of 16 pictures lie `in_group` and `slope_group` elements apart; slopes lie as the
/// shape's outputs.
void ck_convolve_weights(int32_t level, const ck_convolution *shape, ptrdiff_t groups,
                         const float *in, ptrdiff_t in_group, const float *slope,
                         ptrdiff_t slope_group, float *sums);

/// sums[filter] += slope over all outputs, each lane by itself: the bias's part.
void ck_sum_slopes(int32_t level, const ck_convolution *shape, const float *slope, float *sums);

/// out[i] = the sum of element i's lanes.
void ck_sum_lanes(int32_t level, ptrdiff_t count, const float *sums, float *out);

/// Where the inputs and outputs of 2x2 pooling lie.
typedef struct {
    /// Outputs of a picture.
    ptrdiff_t rows, columns, channels;
    ptrdiff_t in_row, in_column;
    ptrdiff_t out_row, out_column;
} ck_pooling;

/// out = the largest of each 2x2 inputs, or zero if that is larger; for 16 pictures.
///
/// `chosen`, unless NULL, receives bits that say which of the four it was, or that none was, an
/// element for each output.
void ck_pool(int32_t level, const ck_pooling *shape, const float *in, float *out, float *chosen);

/// Takes slopes at pooled outputs back to the inputs: all to the one that was chosen.
void ck_unpool(int32_t level, const ck_pooling *shape, const float *slope, const float *chosen,
               float *back);

/// How pictures of bytes lie and what becomes of a byte.
typedef struct {
    /// Rows, columns and bytes a pixel of a frame; frames of a picture, one behind the other.
    ptrdiff_t rows, columns, channels, frames;
    /// Elements left alone around the output.
    ptrdiff_t padding;
    /// A byte becomes byte times scale plus offset.
    float scale, offset;
} ck_pictures;

/// Turns `count` pictures of bytes, at most 16 and `stride` bytes apart, into elements.
///
/// Channels of an element's place: those of the first frame, then of the next. Lanes beyond `count`
/// are as a byte of 0.
void ck_pixels_to_lanes(int32_t level, const ck_pictures *shape, ptrdiff_t count,
                        const uint8_t *bytes, ptrdiff_t stride, float *out);

/// Layer norm and tanh: X = tanh(gain n + shift); n and 1 / deviation are kept (`ck_layer_norm`).
void ck_layer_norm_tanh(int32_t level, ptrdiff_t rows, ptrdiff_t columns, float *x,
                        ptrdiff_t stride, const float *gain, const float *shift, float epsilon,
                        float *normalised, ptrdiff_t normalised_stride, float *inverse_deviation);

/// slope[i] *= 1 - y[i]², for a multiple of 16 values: back through y = tanh x.
void ck_tanh_back(int32_t level, ptrdiff_t count, const float *y, float *slope);

/// sum[i] += x[i], for a multiple of 16 values.
void ck_add(int32_t level, ptrdiff_t count, const float *x, float *sum);

/// Tells the processor that this thread is waiting for another: 10 to 45 ns.
static inline void ck_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    // `yield` does nothing on most of these; a barrier takes about as long as x86's pause.
    __asm__ volatile("isb");
#endif
}

/// Names the calling thread; Linux keeps the first 15 bytes.
void ck_name_thread(const char *name);

/// How often the calling thread was pushed off its core so far; about 0.2 us.
int64_t ck_preemptions(void);

#endif
