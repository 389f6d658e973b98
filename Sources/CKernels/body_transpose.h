// The transpose, for matrices anywhere in memory.

typedef float quad __attribute__((vector_size(16), aligned(4)));

/// Four rows of four, turned in registers; no alignment is asked for.
CK_INLINE void transpose_block(const float *x, ptrdiff_t stride, float *t, ptrdiff_t t_stride)
{
    quad a = *(const quad *)x;
    quad b = *(const quad *)(x + stride);
    quad c = *(const quad *)(x + 2 * stride);
    quad d = *(const quad *)(x + 3 * stride);
    quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(quad *)t = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    *(quad *)(t + t_stride) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    *(quad *)(t + 2 * t_stride) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    *(quad *)(t + 3 * t_stride) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

static void CK_NAME(transpose)(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t stride,
                               float *t, ptrdiff_t t_stride)
{
    // Blocks of 16 x 16 keep both sides' cache lines in use until they are done with.
    for (ptrdiff_t i = 0; i < rows; i += 16) {
        ptrdiff_t i_end = i + 16 < rows ? i + 16 : rows;
        for (ptrdiff_t j = 0; j < columns; j += 16) {
            ptrdiff_t j_end = j + 16 < columns ? j + 16 : columns;
            // The next block's lines lie a row apart, where no hardware prefetcher finds them.
            for (ptrdiff_t p = i; p < i_end; p++) __builtin_prefetch(x + p * stride + j + 32);
            ptrdiff_t i_whole = i + (i_end - i) / 4 * 4, j_whole = j + (j_end - j) / 4 * 4;
            for (ptrdiff_t q = j; q < j_whole; q += 4) {
                for (ptrdiff_t p = i; p < i_whole; p += 4) {
                    transpose_block(x + p * stride + q, stride, t + q * t_stride + p, t_stride);
                }
            }
            for (ptrdiff_t q = j; q < j_end; q++) {
                for (ptrdiff_t p = q < j_whole ? i_whole : i; p < i_end; p++) {
                    t[q * t_stride + p] = x[p * stride + q];
                }
            }
        }
    }
}
