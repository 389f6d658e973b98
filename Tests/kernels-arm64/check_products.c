// Matrix products, plain, transposed and with everything that happens before the result is stored.
#include "check.h"

#include <string.h>

typedef struct {
    ptrdiff_t rows, columns, inner;
} shape;

/// What happens before the result is stored, as bits.
enum { BIAS = 1, RECTIFY = 2, MASK = 4, MASK_ROWS = 8 };
/// The learner's own, and each bit once without the others.
static const int epilogues[] = {
    0, BIAS, BIAS | RECTIFY, MASK, MASK | MASK_ROWS, BIAS | RECTIFY | MASK | MASK_ROWS, RECTIFY,
};
enum { EPILOGUES = sizeof epilogues / sizeof *epilogues };

/// One product's operands and its result in double precision, with the sum of the terms' sizes.
typedef struct {
    shape shape;
    bool transpose_a;
    matrix a, b, bias, mask;
    int32_t mask_rows[256];
    double sum[256 * 256], size[256 * 256];
} product;

static product p;

static void prepare(shape s, bool transpose_a)
{
    p.shape = s;
    p.transpose_a = transpose_a;
    p.a = transpose_a ? noise(s.inner, s.rows) : noise(s.rows, s.inner);
    p.b = noise(s.inner, s.columns);
    p.bias = noise_row(s.columns);
    p.mask = noise(2 * s.rows, s.columns);
    for (ptrdiff_t i = 0; i < s.rows; i++) {
        p.mask_rows[i] = (int32_t)(2 * i + below(2));
        for (ptrdiff_t j = 0; j < s.columns; j++) {
            double sum = 0, size = 0;
            for (ptrdiff_t k = 0; k < s.inner; k++) {
                float factor = transpose_a ? entry(p.a, k, i) : entry(p.a, i, k);
                double term = (double)factor * (double)entry(p.b, k, j);
                sum += term;
                size += fabs(term);
            }
            p.sum[i * s.columns + j] = sum;
            p.size[i * s.columns + j] = size;
        }
    }
}

static ck_epilogue epilogue_of(int bits)
{
    return (ck_epilogue){
        .bias = bits & BIAS ? p.bias.at : NULL,
        .mask = bits & MASK ? p.mask.at : NULL,
        .mask_stride = p.mask.stride,
        .mask_rows = bits & MASK_ROWS ? p.mask_rows : NULL,
        .rectify = bits & RECTIFY,
    };
}

/// Padding holds zeros, because the next product reads it.
static bool has_zero_padding(matrix c)
{
    for (ptrdiff_t i = 0; i < c.rows; i++) {
        for (ptrdiff_t j = c.columns; j % 16 != 0; j++) {
            if (entry(c, i, j) != 0) return false;
        }
    }
    return true;
}

static void compare(matrix c, int bits)
{
    shape s = p.shape;
    expect(has_zero_padding(c), "%td x %td x %td, transposed %d, epilogue %d: padding", s.rows,
           s.columns, s.inner, p.transpose_a, bits);
    for (ptrdiff_t i = 0; i < s.rows; i++) {
        for (ptrdiff_t j = 0; j < s.columns; j++) {
            double expected = p.sum[i * s.columns + j], size = p.size[i * s.columns + j];
            if (bits & BIAS) {
                expected += p.bias.at[j];
                size += fabsf(p.bias.at[j]);
            }
            double bound = sum_bound(size, s.inner);
            // The reference may lie on the other side of zero than the rounded sum.
            if (bits & RECTIFY) expected = fmax(expected, 0);
            ptrdiff_t gate = bits & MASK_ROWS ? p.mask_rows[i] : i;
            bool closed = bits & MASK && !(entry(p.mask, gate, j) > 0);
            if (closed) expected = bound = 0;
            expect(is_near(entry(c, i, j), expected, bound),
                   "%td x %td x %td, transposed %d, epilogue %d: [%td, %td] is %.9g, not %.9g",
                   s.rows, s.columns, s.inner, p.transpose_a, bits, i, j,
                   (double)entry(c, i, j), expected);
        }
    }
}

static void multiply(matrix c, ptrdiff_t first_row, ptrdiff_t first_column, int bits)
{
    ck_epilogue end = epilogue_of(bits);
    if (end.bias) end.bias += first_column;
    if (end.mask) end.mask += first_column + (end.mask_rows ? 0 : first_row * p.mask.stride);
    if (end.mask_rows) end.mask_rows += first_row;
    ck_gemm(level, p.transpose_a, c.rows - first_row, c.columns - first_column, p.shape.inner,
            p.a.at + first_row * (p.transpose_a ? 1 : p.a.stride), p.a.stride,
            p.b.at + first_column, p.b.stride, c.at + first_row * c.stride + first_column,
            c.stride, end);
}

static bool same_bits(matrix x, matrix y)
{
    for (ptrdiff_t i = 0; i < x.rows; i++) {
        size_t bytes = (size_t)x.columns * sizeof(float);
        if (memcmp(x.at + i * x.stride, y.at + i * y.stride, bytes) != 0) return false;
    }
    return true;
}

/// Two threads cut a batch by rows and a gradient by columns; that must not show in any bit.
static void check_cuts(matrix whole, int bits)
{
    shape s = p.shape;
    if (s.rows > 16) {
        matrix cut = zeros(s.rows, s.columns), upper = cut;
        upper.rows = 16;
        multiply(upper, 0, 0, bits);
        multiply(cut, 16, 0, bits);
        expect(same_bits(whole, cut), "%td x %td x %td cut at row 16", s.rows, s.columns, s.inner);
    }
    if (s.columns > 16) {
        matrix cut = zeros(s.rows, s.columns), left = cut;
        left.columns = 16;
        multiply(left, 0, 0, bits);
        multiply(cut, 0, 16, bits);
        expect(same_bits(whole, cut), "%td x %td x %td cut at column 16", s.rows, s.columns,
               s.inner);
    }
}

static void check_product(void)
{
    shape s = p.shape;
    for (int index = 0; index < EPILOGUES; index++) {
        int bits = epilogues[index];
        matrix c = zeros(s.rows, s.columns);
        multiply(c, 0, 0, bits);
        compare(c, bits);
        if (bits == 0 || bits == (BIAS | RECTIFY | MASK | MASK_ROWS)) check_cuts(c, bits);
    }
}

/// C = A Bᵀ, whose second factor lies turned round.
static void check_product_with_transpose(void)
{
    shape s = p.shape;
    matrix turned = zeros(s.columns, s.inner);
    for (ptrdiff_t j = 0; j < s.columns; j++) {
        for (ptrdiff_t k = 0; k < s.inner; k++) turned.at[j * turned.stride + k] = entry(p.b, k, j);
    }
    matrix panel = zeros(1, s.inner * CK_PANEL_COLUMNS);
    for (int index = 0; index < EPILOGUES; index += 3) {
        int bits = epilogues[index];
        for (ptrdiff_t k = 0; k < panel.columns; k++) panel.at[k] = NAN;
        matrix c = zeros(s.rows, s.columns), plain = zeros(s.rows, s.columns);
        ck_gemm_transposed(level, s.rows, s.columns, s.inner, p.a.at, p.a.stride, turned.at,
                           turned.stride, c.at, c.stride, epilogue_of(bits), panel.at);
        multiply(plain, 0, 0, bits);
        // The plain product's numbers are known to be right.
        expect(has_zero_padding(c), "%td x %td x %td by a transpose: padding", s.rows, s.columns,
               s.inner);
        expect(same_bits(c, plain), "%td x %td x %td by a transpose has other bits", s.rows,
               s.columns, s.inner);
    }
}

static void check_shape(shape s)
{
    prepare(s, false);
    check_product();
    check_product_with_transpose();
    release_all();
    prepare(s, true);
    check_product();
    release_all();
}

/// A NaN must reach every number it has a part in, through rectifier and all.
static void check_poison(void)
{
    prepare((shape){9, 40, 20}, false);
    p.b.at[7 * p.b.stride + 33] = NAN;
    matrix c = zeros(9, 40);
    multiply(c, 0, 0, BIAS | RECTIFY);
    for (ptrdiff_t i = 0; i < 9; i++) {
        for (ptrdiff_t j = 0; j < 40; j++) {
            expect(isnan(entry(c, i, j)) == (j == 33), "a NaN at [%td, %td]", i, j);
        }
    }
    release_all();
}

void check_products(void)
{
    static const ptrdiff_t rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 17, 26};
    static const ptrdiff_t columns[] = {1, 4, 7, 8, 12, 15, 16, 17, 31, 32, 33, 47, 48, 65};
    static const ptrdiff_t inner[] = {1, 5, 23};
    // The learner's own: hidden layer, first layer and its gradient, head, actions' slopes.
    static const shape real[] = {{256, 256, 256}, {256, 256, 23}, {23, 256, 256},
                                 {256, 12, 256},  {256, 6, 200},  {250, 250, 12}};
    uint64_t seed = 1000;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
            for (size_t k = 0; k < sizeof inner / sizeof *inner; k++) {
                reseed(seed++);
                check_shape((shape){rows[i], columns[j], inner[k]});
            }
        }
    }
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        reseed(seed++);
        check_shape(real[i]);
    }
    check_poison();
}
