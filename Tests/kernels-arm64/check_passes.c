// Kernels that go once over a matrix or a vector.
#include "check.h"

#include <string.h>

static const ptrdiff_t rows_tried[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 256};
static const ptrdiff_t columns_tried[] = {1, 3, 4, 5, 8, 12, 15, 16, 17, 31, 32, 33, 48, 70, 256};

static void check_row_dot(matrix h)
{
    matrix weights = noise_row(h.columns), out = zeros(1, h.rows);
    float bias = (float)uniform(-1, 1);
    ck_row_dot(level, h.rows, h.columns, h.at, h.stride, weights.at, bias, out.at);
    for (ptrdiff_t i = 0; i < h.rows; i++) {
        double sum = bias, size = fabsf(bias);
        for (ptrdiff_t j = 0; j < h.columns; j++) {
            double term = (double)entry(h, i, j) * (double)weights.at[j];
            sum += term;
            size += fabs(term);
        }
        expect(is_near(out.at[i], sum, sum_bound(size, h.columns)),
               "row_dot %td x %td: [%td] is %.9g, not %.9g", h.rows, h.columns, i,
               (double)out.at[i], sum);
    }
}

static void check_column_sum(matrix x, bool is_scaled)
{
    matrix scale = noise_row(x.rows), out = zeros(1, x.columns);
    ck_column_sum(level, x.rows, x.columns, x.at, x.stride, is_scaled ? scale.at : NULL, out.at);
    for (ptrdiff_t j = 0; j < x.columns; j++) {
        double sum = 0, size = 0;
        for (ptrdiff_t i = 0; i < x.rows; i++) {
            double term = (double)entry(x, i, j) * (is_scaled ? (double)scale.at[i] : 1);
            sum += term;
            size += fabs(term);
        }
        expect(is_near(out.at[j], sum, sum_bound(size, x.rows)),
               "column_sum %td x %td, scaled %d: [%td] is %.9g, not %.9g", x.rows, x.columns,
               is_scaled, j, (double)out.at[j], sum);
    }
}

static void check_outer(matrix h, bool is_picked)
{
    ptrdiff_t rows = is_picked ? (h.rows + 1) / 2 : h.rows;
    matrix scale = noise_row(rows), weights = noise_row(h.columns), d = zeros(rows, h.columns);
    int32_t rows_of[256];
    for (ptrdiff_t i = 0; i < rows; i++) rows_of[i] = (int32_t)(h.rows - 1 - i);
    ck_outer_masked(level, rows, h.columns, scale.at, weights.at, h.at, h.stride,
                    is_picked ? rows_of : NULL, d.at, d.stride);
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t j = 0; j < h.columns; j++) {
            float gate = entry(h, is_picked ? rows_of[i] : i, j);
            float expected = gate > 0 ? scale.at[i] * weights.at[j] : 0;
            expect(entry(d, i, j) == expected, "outer_masked %td x %td, picked %d: [%td, %td]",
                   rows, h.columns, is_picked, i, j);
        }
    }
}

/// The only kernel without rules about places: any offset, any stride.
static void check_transpose(matrix x)
{
    ptrdiff_t skip = below(3), columns = x.columns - (x.columns > skip ? skip : 0);
    const float *first = x.at + (x.columns - columns);
    matrix out = zeros(1, columns * (x.rows + 3) + 5);
    float *t = out.at + 5;
    ptrdiff_t t_stride = x.rows + below(3);
    ck_transpose(level, x.rows, columns, first, x.stride, t, t_stride);
    bool is_turned = true, is_kept = true;
    for (ptrdiff_t j = 0; j < columns; j++) {
        for (ptrdiff_t i = 0; i < x.rows; i++) {
            is_turned &= t[j * t_stride + i] == first[i * x.stride + j];
        }
        for (ptrdiff_t i = x.rows; i < t_stride; i++) is_kept &= t[j * t_stride + i] == 0;
    }
    for (ptrdiff_t i = 0; i < 5; i++) is_kept &= out.at[i] == 0;
    for (ptrdiff_t i = columns * t_stride + 5; i < out.columns; i++) is_kept &= out.at[i] == 0;
    expect(is_turned, "transpose %td x %td is not one", x.rows, columns);
    expect(is_kept, "transpose %td x %td wrote beside it", x.rows, columns);
}

/// y = x W + bias for one observation, many of whose numbers are zero.
static void check_row_times_matrix(ptrdiff_t inputs, ptrdiff_t columns, bool rectify)
{
    matrix w = noise(inputs, columns), bias = noise_row(columns), x = noise_row(inputs);
    matrix y = zeros(1, columns);
    for (ptrdiff_t k = 0; k < inputs; k++) {
        if (below(5) < 2) x.at[k] = 0;
    }
    ck_row_times_matrix(level, inputs, columns, x.at, w.at, w.stride, bias.at, rectify, y.at);
    for (ptrdiff_t j = 0; j < columns; j++) {
        double sum = bias.at[j], size = fabsf(bias.at[j]);
        for (ptrdiff_t k = 0; k < inputs; k++) {
            double term = (double)x.at[k] * (double)entry(w, k, j);
            sum += term;
            size += fabs(term);
        }
        if (rectify) sum = fmax(sum, 0);
        expect(is_near(y.at[j], sum, sum_bound(size, inputs)),
               "row_times_matrix %td x %td: [%td] is %.9g, not %.9g", inputs, columns, j,
               (double)y.at[j], sum);
    }
    release_all();
}

static void check_rows_times_matrices(void)
{
    static const ptrdiff_t inputs[] = {1, 5, 17, 255, 256, 257, 600};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        for (size_t j = 0; j < sizeof columns_tried / sizeof *columns_tried; j++) {
            check_row_times_matrix(inputs[i], columns_tried[j], false);
            check_row_times_matrix(inputs[i], columns_tried[j], true);
        }
    }
}

/// Adam by its definition (Kingma and Ba 2015, algorithm 1) in double precision.
static void check_adam(ptrdiff_t count, bool has_target)
{
    matrix theta = noise_row(count), target = noise_row(count);
    matrix m = zeros(1, count), v = zeros(1, count);
    double moved[256], follower[256], first[256] = {0}, second[256] = {0};
    for (ptrdiff_t i = 0; i < count; i++) {
        moved[i] = theta.at[i];
        follower[i] = target.at[i];
    }
    const double rate = 0.01, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, tau = 0.05;
    for (int t = 1; t <= 10; t++) {
        matrix gradient = noise_row(count);
        double left1 = 1 - pow(beta1, t), left2 = 1 - pow(beta2, t);
        ck_adam_step step = {(float)beta1, (float)beta2, (float)(rate / left1),
                             (float)(1 / sqrt(left2)), (float)epsilon};
        ck_adam(level, count, theta.at, gradient.at, m.at, v.at, step,
                has_target ? target.at : NULL, (float)tau);
        for (ptrdiff_t i = 0; i < count; i++) {
            double g = gradient.at[i];
            first[i] = beta1 * first[i] + (1 - beta1) * g;
            second[i] = beta2 * second[i] + (1 - beta2) * g * g;
            moved[i] -= rate * (first[i] / left1) / (sqrt(second[i] / left2) + epsilon);
            if (has_target) follower[i] += tau * (moved[i] - follower[i]);
        }
    }
    // Ten steps of at most 0.01 each on numbers below 1. A step is wrong by the roundings of a few
    // operations and of the constants, of which 1 - beta2 is the worst: 1e-3 is left of 1.
    double bound = 10 * (2 * UNIT_ROUNDOFF + rate * 1000 * UNIT_ROUNDOFF);
    for (ptrdiff_t i = 0; i < count; i++) {
        expect(is_near(theta.at[i], moved[i], bound), "adam [%td] of %td is %.9g, not %.9g", i,
               count, (double)theta.at[i], moved[i]);
        expect(is_near(target.at[i], follower[i], bound), "target [%td] of %td is %.9g, not %.9g",
               i, count, (double)target.at[i], follower[i]);
    }
    release_all();
}

static void check_all_finite(void)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    static const ptrdiff_t counts[] = {1, 3, 16, 37, 64};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        matrix x = noise_row(counts[c]);
        x.at[counts[c] / 2] = 3.4e38f;
        expect(ck_all_finite(level, counts[c], x.at), "%td finite numbers", counts[c]);
        for (ptrdiff_t i = 0; i < counts[c]; i++) {
            for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
                float kept = x.at[i];
                x.at[i] = bad[b];
                expect(!ck_all_finite(level, counts[c], x.at), "%g at %td", (double)bad[b], i);
                x.at[i] = kept;
            }
        }
        release_all();
    }
}

void check_passes(void)
{
    uint64_t seed = 5000;
    for (size_t i = 0; i < sizeof rows_tried / sizeof *rows_tried; i++) {
        for (size_t j = 0; j < sizeof columns_tried / sizeof *columns_tried; j++) {
            reseed(seed++);
            matrix h = noise(rows_tried[i], columns_tried[j]);
            check_row_dot(h);
            check_column_sum(h, false);
            check_column_sum(h, true);
            check_outer(h, false);
            check_outer(h, true);
            check_transpose(h);
            release_all();
        }
    }
    reseed(seed++);
    check_rows_times_matrices();
    check_adam(16, true);
    check_adam(48, false);
    check_adam(256, true);
    check_all_finite();
}
