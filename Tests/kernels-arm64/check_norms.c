// Normalisation by row and by column, and its way back.
#include "check.h"

enum { MOST = 256 };

static const float epsilon = 1e-5f;

/// Mean and 1 / sqrt(variance + epsilon) of one row in double precision.
static void moments(matrix x, ptrdiff_t row, double *mean, double *inverse)
{
    double sum = 0, squares = 0;
    for (ptrdiff_t j = 0; j < x.columns; j++) sum += entry(x, row, j);
    *mean = sum / (double)x.columns;
    for (ptrdiff_t j = 0; j < x.columns; j++) {
        squares += (entry(x, row, j) - *mean) * (entry(x, row, j) - *mean);
    }
    *inverse = 1 / sqrt(squares / (double)x.columns + (double)epsilon);
}

/// Roundings that a sum of this many terms and the few operations after it add up to.
static double share_of(ptrdiff_t terms) { return (double)(terms + 16) * UNIT_ROUNDOFF; }

static void check_layer_norm(ptrdiff_t rows, ptrdiff_t columns)
{
    matrix x = noise(rows, columns), before = zeros(rows, columns);
    matrix gain = noise_row(columns), shift = noise_row(columns);
    matrix normalised = zeros(rows, columns), deviation = zeros(1, rows);
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t j = 0; j < columns; j++) {
            // Columns apart, so that even a row of one or two has a deviation that says something.
            x.at[i * x.stride + j] += (float)(j % 7);
            before.at[i * before.stride + j] = entry(x, i, j);
        }
    }
    ck_layer_norm(level, rows, columns, x.at, x.stride, gain.at, shift.at, epsilon, normalised.at,
                  normalised.stride, deviation.at);
    for (ptrdiff_t i = 0; i < rows; i++) {
        double mean, inverse;
        moments(before, i, &mean, &inverse);
        // Numbers up to 7 lose 7 roundings when the mean is taken off them.
        double slack = 8 * inverse * share_of(columns) * (1 + 8 * inverse);
        expect(is_near(deviation.at[i], inverse, inverse * slack), "1 / deviation %.9g, not %.9g",
               (double)deviation.at[i], inverse);
        for (ptrdiff_t j = 0; j < columns; j++) {
            double n = (entry(before, i, j) - mean) * inverse;
            double y = fmax(0, n * (double)gain.at[j] + (double)shift.at[j]);
            double bound = slack * (1 + fabs(n));
            expect(is_near(entry(normalised, i, j), n, bound), "layer_norm %td x %td: n[%td]",
                   rows, columns, j);
            expect(is_near(entry(x, i, j), y, bound + 4 * UNIT_ROUNDOFF),
                   "layer_norm %td x %td: [%td] is %.9g, not %.9g", rows, columns, j,
                   (double)entry(x, i, j), y);
        }
    }
    release_all();
}

/// The slopes at X are those of L = sum s (gain n + shift) as calculus has them (Ba et al. 2016):
/// inverse (g - mean(g) - n mean(g n)) with g = s gain.
static void check_layer_norm_back(ptrdiff_t rows, ptrdiff_t columns, bool with_gradient)
{
    matrix slope = noise(rows, columns), before = zeros(rows, columns);
    matrix n = noise(rows, columns), deviation = noise_row(rows), gain = noise_row(columns);
    matrix by_gain = noise_row(columns), by_shift = noise_row(columns);
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t j = 0; j < columns; j++) {
            before.at[i * before.stride + j] = entry(slope, i, j);
        }
    }
    ck_layer_norm_back(level, rows, columns, slope.at, slope.stride, n.at, n.stride, deviation.at,
                       gain.at, with_gradient ? by_gain.at : NULL,
                       with_gradient ? by_shift.at : NULL);
    for (ptrdiff_t i = 0; i < rows; i++) {
        double sum = 0, along = 0;
        for (ptrdiff_t j = 0; j < columns; j++) {
            double g = (double)entry(before, i, j) * (double)gain.at[j];
            sum += g / (double)columns;
            along += g * (double)entry(n, i, j) / (double)columns;
        }
        for (ptrdiff_t j = 0; j < columns; j++) {
            double g = (double)entry(before, i, j) * (double)gain.at[j];
            double expected = (double)deviation.at[i] * (g - sum - (double)entry(n, i, j) * along);
            expect(is_near(entry(slope, i, j), expected, 3 * share_of(columns)),
                   "layer_norm_back %td x %td: [%td, %td] is %.9g, not %.9g", rows, columns, i, j,
                   (double)entry(slope, i, j), expected);
        }
    }
    for (ptrdiff_t j = 0; with_gradient && j < columns; j++) {
        double gain_sum = 0, shift_sum = 0;
        for (ptrdiff_t i = 0; i < rows; i++) {
            gain_sum += (double)entry(before, i, j) * (double)entry(n, i, j);
            shift_sum += entry(before, i, j);
        }
        double bound = sum_bound((double)rows, rows);
        expect(is_near(by_gain.at[j], gain_sum, bound), "gain's gradient [%td]", j);
        expect(is_near(by_shift.at[j], shift_sum, bound), "shift's gradient [%td]", j);
    }
    release_all();
}

static void check_columns(ptrdiff_t rows, ptrdiff_t columns)
{
    matrix x = noise(rows, columns), y = noise(rows, columns);
    matrix mean = zeros(1, columns), variance = zeros(1, columns), products = zeros(1, columns);
    ck_column_moments(level, rows, columns, x.at, x.stride, mean.at, variance.at);
    ck_column_products(level, rows, columns, x.at, x.stride, y.at, y.stride, products.at);
    for (ptrdiff_t j = 0; j < columns; j++) {
        double sum = 0, squares = 0, product = 0;
        for (ptrdiff_t i = 0; i < rows; i++) sum += entry(x, i, j);
        double centre = sum / (double)rows;
        for (ptrdiff_t i = 0; i < rows; i++) {
            squares += (entry(x, i, j) - centre) * (entry(x, i, j) - centre);
            product += (double)entry(x, i, j) * (double)entry(y, i, j);
        }
        expect(is_near(mean.at[j], centre, share_of(rows)), "mean of column %td of %td x %td", j,
               rows, columns);
        expect(is_near(variance.at[j], squares / (double)rows, 4 * share_of(rows)),
               "variance of column %td of %td x %td", j, rows, columns);
        expect(is_near(products.at[j], product, sum_bound((double)rows, rows)),
               "product of columns %td of %td x %td", j, rows, columns);
    }
    release_all();
}

static void check_combination(ptrdiff_t rows, ptrdiff_t columns, bool has_y, bool has_gate)
{
    matrix x = noise(rows, columns), y = noise(rows, columns), gate = noise(rows, columns);
    matrix x_scale = noise_row(columns), y_scale = noise_row(columns), shift = noise_row(columns);
    matrix out = zeros(rows, columns);
    for (int in_place = 0; in_place < 2; in_place++) {
        matrix target = in_place ? gate : out;
        double expected[MOST];
        for (ptrdiff_t i = 0; i < rows; i++) {
            for (ptrdiff_t j = 0; j < columns; j++) {
                expected[j] = (double)entry(x, i, j) * (double)x_scale.at[j] + (double)shift.at[j];
                if (has_y) expected[j] += (double)entry(y, i, j) * (double)y_scale.at[j];
                if (has_gate && !(entry(gate, i, j) > 0)) expected[j] = 0;
            }
            // Row by row, so that a result in the gate's place is compared before the next.
            ck_combine_columns(level, 1, columns, x.at + i * x.stride, x.stride, x_scale.at,
                               has_y ? y.at + i * y.stride : NULL, y.stride, y_scale.at, shift.at,
                               has_gate ? gate.at + i * gate.stride : NULL, gate.stride,
                               target.at + i * target.stride, target.stride);
            for (ptrdiff_t j = 0; j < columns; j++) {
                expect(is_near(entry(target, i, j), expected[j], 8 * UNIT_ROUNDOFF),
                       "combine_columns %td x %td, y %d, gate %d, in place %d: [%td, %td]", rows,
                       columns, has_y, has_gate, in_place, i, j);
            }
        }
    }
    ck_combine_columns(level, rows, columns, x.at, x.stride, x_scale.at, NULL, 0, NULL, shift.at,
                       NULL, 0, out.at, out.stride);
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t j = 0; j < columns; j++) {
            double whole = (double)entry(x, i, j) * (double)x_scale.at[j] + (double)shift.at[j];
            expect(is_near(entry(out, i, j), whole, 4 * UNIT_ROUNDOFF),
                   "combine_columns of all %td rows: [%td, %td]", rows, i, j);
        }
    }
    release_all();
}

void check_norms(void)
{
    static const ptrdiff_t rows[] = {1, 2, 3, 16, 33, 100};
    static const ptrdiff_t columns[] = {2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 64, 100, 256};
    uint64_t seed = 7000;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
            reseed(seed++);
            check_layer_norm(rows[i], columns[j]);
            check_layer_norm_back(rows[i], columns[j], true);
            check_layer_norm_back(rows[i], columns[j], false);
            check_columns(rows[i], columns[j]);
            for (int bits = 0; bits < 4; bits++) {
                check_combination(rows[i], columns[j], bits & 1, bits & 2);
            }
        }
    }
}
