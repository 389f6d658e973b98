// One level's kernels, as `dispatch.c` finds them.
#ifndef SACBOT_KERNEL_TABLE_H
#define SACBOT_KERNEL_TABLE_H

#include "CKernels.h"

typedef struct {
    void (*gemm)(bool, ptrdiff_t, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *,
                 ptrdiff_t, float *, ptrdiff_t, ck_epilogue);
    void (*gemm_transposed)(ptrdiff_t, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t,
                            const float *, ptrdiff_t, float *, ptrdiff_t, ck_epilogue, float *);
    void (*row_dot)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float, float *);
    void (*column_sum)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float *);
    void (*outer_masked)(ptrdiff_t, ptrdiff_t, const float *, const float *, const float *,
                         ptrdiff_t, const int32_t *, float *, ptrdiff_t);
    void (*transpose)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, float *, ptrdiff_t);
    void (*adam)(ptrdiff_t, float *, const float *, float *, float *, ck_adam_step, float *, float);
    bool (*all_finite)(ptrdiff_t, const float *);
    void (*normals)(ptrdiff_t, const uint64_t *, float *);
    void (*squash)(ptrdiff_t, const float *, const float *, float, float, const float *, float *,
                   float *, float *, float *);
    void (*squash_gradient)(ptrdiff_t, const float *, const float *, const float *, const float *,
                            float, float, const float *, float, float, float *, float *);
    void (*tanh_all)(ptrdiff_t, const float *, float *);
    void (*row_times_matrix)(ptrdiff_t, ptrdiff_t, const float *, const float *, ptrdiff_t,
                             const float *, bool, float *);
    void (*layer_norm)(ptrdiff_t, ptrdiff_t, float *, ptrdiff_t, const float *, const float *,
                       float, float *, ptrdiff_t, float *);
    void (*layer_norm_back)(ptrdiff_t, ptrdiff_t, float *, ptrdiff_t, const float *, ptrdiff_t,
                            const float *, const float *, float *, float *);
    void (*column_moments)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, float *, float *);
    void (*column_products)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *,
                            ptrdiff_t, float *);
    void (*combine_columns)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *,
                            const float *, ptrdiff_t, const float *, const float *, const float *,
                            ptrdiff_t, float *, ptrdiff_t);
    void (*layer_norm_tanh)(ptrdiff_t, ptrdiff_t, float *, ptrdiff_t, const float *, const float *,
                            float, float *, ptrdiff_t, float *);
    void (*add)(ptrdiff_t, const float *, float *);
    void (*tanh_back)(ptrdiff_t, const float *, float *);
    void (*convolve)(const ck_convolution *, const float *, const float *, const float *, bool,
                     const float *, float *);
    void (*convolve_weights)(const ck_convolution *, ptrdiff_t, const float *, ptrdiff_t,
                             const float *, ptrdiff_t, float *);
    void (*sum_slopes)(const ck_convolution *, const float *, float *);
    void (*sum_lanes)(ptrdiff_t, const float *, float *);
    void (*pool)(const ck_pooling *, const float *, float *, float *);
    void (*unpool)(const ck_pooling *, const float *, const float *, float *);
    void (*pixels_to_lanes)(const ck_pictures *, ptrdiff_t, const uint8_t *, ptrdiff_t, float *);
} ck_table;

extern const ck_table ck_table_plain;
#if defined(__x86_64__)
extern const ck_table ck_table_avx2;
extern const ck_table ck_table_avx512;
#elif defined(__aarch64__)
extern const ck_table ck_table_neon;
#endif

#endif
