// Matrix products. One tile of C stays in registers while the inner dimension runs; a panel of B
// (as wide as a tile) stays in the first-level cache while the tiles go down the rows of A.

/// One tile: `tile_rows` rows and `vectors` vectors of C. Element (i, k) of A lies at
/// a[i * row_step + k * inner_step], which serves A and its transpose alike.
CK_INLINE void gemm_tile(const int tile_rows, const int vectors, ptrdiff_t inner, const float *a,
                         ptrdiff_t row_step, ptrdiff_t inner_step, const float *b,
                         ptrdiff_t b_stride, float *c, ptrdiff_t c_stride, const float *bias,
                         const float *mask, ptrdiff_t mask_stride, const int32_t *mask_rows,
                         ptrdiff_t first_row, bool rectify)
{
    vector sum[CK_TILE_ROWS][CK_TILE_VECTORS];
    for (int i = 0; i < tile_rows; i++) {
        for (int j = 0; j < vectors; j++) {
            sum[i][j] = bias ? load(bias + j * CK_LANES) : (vector){};
        }
    }
    for (ptrdiff_t k = 0; k < inner; k++) {
        vector row[CK_TILE_VECTORS];
        for (int j = 0; j < vectors; j++) row[j] = load(b + k * b_stride + j * CK_LANES);
        for (int i = 0; i < tile_rows; i++) {
            vector factor = splat(a[i * row_step + k * inner_step]);
            for (int j = 0; j < vectors; j++) sum[i][j] += factor * row[j];
        }
    }
    if (rectify) {
        for (int i = 0; i < tile_rows; i++) {
            for (int j = 0; j < vectors; j++) sum[i][j] = rectified(sum[i][j]);
        }
    }
    if (mask) {
        for (int i = 0; i < tile_rows; i++) {
            ptrdiff_t row = mask_rows ? mask_rows[first_row + i] : first_row + i;
            const float *gate = mask + row * mask_stride;
            for (int j = 0; j < vectors; j++) {
                sum[i][j] = positive_only(sum[i][j], load(gate + j * CK_LANES));
            }
        }
    }
    for (int i = 0; i < tile_rows; i++) {
        for (int j = 0; j < vectors; j++) store(c + i * c_stride + j * CK_LANES, sum[i][j]);
    }
}

/// One panel of C: `vectors` vectors wide, all rows.
CK_INLINE void gemm_panel(const int vectors, ptrdiff_t rows, ptrdiff_t inner, const float *a,
                          ptrdiff_t row_step, ptrdiff_t inner_step, const float *b,
                          ptrdiff_t b_stride, float *c, ptrdiff_t c_stride, const float *bias,
                          const float *mask, ptrdiff_t mask_stride, const int32_t *mask_rows,
                          bool rectify)
{
    ptrdiff_t i = 0;
#define CK_TILE(count)                                                                           \
    gemm_tile(count, vectors, inner, a + i * row_step, row_step, inner_step, b, b_stride,        \
              c + i * c_stride, c_stride, bias, mask, mask_stride, mask_rows, i, rectify)
    for (; i + CK_TILE_ROWS <= rows; i += CK_TILE_ROWS) CK_TILE(CK_TILE_ROWS);
    switch (rows - i) {
    case 1: CK_TILE(1); break;
    case 2: CK_TILE(2); break;
    case 3: CK_TILE(3); break;
#if CK_TILE_ROWS > 4
    case 4: CK_TILE(4); break;
    case 5: CK_TILE(5); break;
#endif
#if CK_TILE_ROWS > 6
    case 6: CK_TILE(6); break;
    case 7: CK_TILE(7); break;
#endif
    default: break;
    }
#undef CK_TILE
}

static void CK_NAME(gemm)(bool transpose_a, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
                          const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride,
                          float *c, ptrdiff_t c_stride, ck_epilogue epilogue)
{
    ptrdiff_t row_step = transpose_a ? 1 : a_stride;
    ptrdiff_t inner_step = transpose_a ? a_stride : 1;
    ptrdiff_t j = 0;
    const float *bias = epilogue.bias;
    const float *mask = epilogue.mask;
#define CK_PANEL(vectors)                                                                        \
    gemm_panel(vectors, rows, inner, a, row_step, inner_step, b + j, b_stride, c + j, c_stride,  \
               bias ? bias + j : 0, mask ? mask + j : 0, epilogue.mask_stride, epilogue.mask_rows, \
               epilogue.rectify)
    ptrdiff_t width = CK_TILE_VECTORS * CK_LANES;
    for (; j + width <= columns + (width == 16 ? 15 : 0); j += width) CK_PANEL(CK_TILE_VECTORS);
    for (; j < columns; j += CK_LANES) CK_PANEL(1);
#undef CK_PANEL
}

static void CK_NAME(gemm_transposed)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
                                     const float *a, ptrdiff_t a_stride, const float *b,
                                     ptrdiff_t b_stride, float *c, ptrdiff_t c_stride,
                                     ck_epilogue epilogue, float *panel)
{
    for (ptrdiff_t j = 0; j < columns; j += CK_PANEL_COLUMNS) {
        ptrdiff_t left = columns - j;
        ptrdiff_t count = left < CK_PANEL_COLUMNS ? left : CK_PANEL_COLUMNS;
        ptrdiff_t width = (count + 15) / 16 * 16;
        CK_NAME(transpose)(count, inner, b + j * b_stride, b_stride, panel, width);
        for (ptrdiff_t k = 0; k < inner; k++) {
            for (ptrdiff_t q = count; q < width; q++) panel[k * width + q] = 0;
        }
        ck_epilogue part = epilogue;
        if (part.bias) part.bias += j;
        if (part.mask) part.mask += j;
        CK_NAME(gemm)(false, rows, count, inner, a, a_stride, panel, width, c + j, c_stride, part);
    }
}
