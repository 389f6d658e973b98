// Convolutions of sixteen pictures, pooling, bytes to lanes, and the passes of an encoder's last
// layer.
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { LANES = CK_PICTURE_LANES };

/// A convolution of odd sizes with its arrays.
typedef struct {
    ck_segment segment[9];
    ck_convolution shape;
    ptrdiff_t inputs, outputs, weights;
    matrix in, out, weight, bias, gate;
} convolution;

/// Windows of 3 x 3 over `rows` x `columns` outputs, `stride` apart; outputs with a border.
static convolution random_convolution(void)
{
    ptrdiff_t rows = 1 + below(5), columns = 1 + below(15), stride = 1 + below(2);
    ptrdiff_t channels = 1 + below(6), filters = 4 * (1 + below(3)), border = below(3);
    ptrdiff_t in_columns = (columns - 1) * stride + 3, in_rows = (rows - 1) * stride + 3;
    convolution c = {.inputs = in_rows * in_columns * channels, .weights = 9 * channels * filters};
    ptrdiff_t out_columns = columns + 2 * border;
    c.outputs = (rows + 2 * border) * out_columns * filters;
    // Runs of a whole window's row, as forward, or of one pixel each, as backward.
    bool whole = below(2) == 0;
    ptrdiff_t segments = whole ? 3 : 9, length = whole ? 3 * channels : channels;
    for (ptrdiff_t k = 0; k < segments; k++) {
        ptrdiff_t row = whole ? k : k / 3, column = whole ? 0 : k % 3;
        c.segment[k].input = (row * in_columns + column) * channels;
        c.segment[k].weights = k * length * filters;
    }
    c.shape = (ck_convolution){
        .rows = rows, .columns = columns, .filters = filters, .segments = segments,
        .length = length, .in_row = stride * in_columns * channels, .in_column = stride * channels,
        .out_row = out_columns * filters, .out_column = filters,
        .gate_row = out_columns * filters, .gate_column = filters,
    };
    c.in = noise_row(c.inputs * LANES);
    c.out = zeros(1, c.outputs * LANES);
    c.weight = noise_row(c.weights);
    c.bias = noise_row(filters);
    c.gate = noise_row(c.outputs * LANES);
    return c;
}

/// Index of an output's first lane.
static ptrdiff_t place(const ck_convolution *s, ptrdiff_t y, ptrdiff_t x, ptrdiff_t f)
{
    return (y * s->out_row + x * s->out_column + f) * LANES;
}

static void check_convolve(bool with_bias, bool rectify, bool with_gate)
{
    convolution c = random_convolution();
    c.shape.segment = c.segment;
    const ck_convolution *s = &c.shape;
    ck_convolve(level, s, c.in.at, c.weight.at, with_bias ? c.bias.at : NULL, rectify,
                with_gate ? c.gate.at : NULL, c.out.at);
    for (ptrdiff_t y = 0; y < s->rows; y++)
    for (ptrdiff_t x = 0; x < s->columns; x++)
    for (ptrdiff_t f = 0; f < s->filters; f++)
    for (ptrdiff_t lane = 0; lane < LANES; lane++) {
        double sum = with_bias ? (double)c.bias.at[f] : 0, sizes = fabs(sum);
        for (ptrdiff_t k = 0; k < s->segments; k++)
        for (ptrdiff_t t = 0; t < s->length; t++) {
            ptrdiff_t input = y * s->in_row + x * s->in_column + c.segment[k].input + t;
            double product = (double)c.in.at[input * LANES + lane]
                             * (double)c.weight.at[c.segment[k].weights + t * s->filters + f];
            sum += product;
            sizes += fabs(product);
        }
        double bound = sum_bound(sizes, s->segments * s->length + 1);
        if (rectify) sum = fmax(sum, 0);
        ptrdiff_t at = place(s, y, x, f) + lane;
        if (with_gate && c.gate.at[at] <= 0) sum = 0;
        expect(is_near(c.out.at[at], sum, bound), "convolve [%td %td %td]: %.9g, not %.9g", y, x, f,
               (double)c.out.at[at], sum);
    }
    release_all();
}

static void check_weights(void)
{
    convolution c = random_convolution();
    c.shape.segment = c.segment;
    const ck_convolution *s = &c.shape;
    ptrdiff_t groups = 1 + below(3);
    matrix in = noise_row(groups * c.inputs * LANES), slope = noise_row(groups * c.outputs * LANES);
    matrix sums = zeros(1, c.weights * LANES), biases = zeros(1, s->filters * LANES);
    matrix total = zeros(1, c.weights);
    ck_convolve_weights(level, s, groups, in.at, c.inputs, slope.at, c.outputs, sums.at);
    ck_sum_slopes(level, s, slope.at, biases.at);
    ck_sum_lanes(level, c.weights, sums.at, total.at);
    for (ptrdiff_t k = 0; k < s->segments; k++)
    for (ptrdiff_t t = 0; t < s->length; t++)
    for (ptrdiff_t f = 0; f < s->filters; f++) {
        double sum = 0, sizes = 0;
        for (ptrdiff_t g = 0; g < groups; g++)
        for (ptrdiff_t y = 0; y < s->rows; y++)
        for (ptrdiff_t x = 0; x < s->columns; x++)
        for (ptrdiff_t lane = 0; lane < LANES; lane++) {
            ptrdiff_t input = g * c.inputs + y * s->in_row + x * s->in_column
                              + c.segment[k].input + t;
            double product = (double)in.at[input * LANES + lane]
                             * (double)slope.at[g * c.outputs * LANES + place(s, y, x, f) + lane];
            sum += product;
            sizes += fabs(product);
        }
        ptrdiff_t weight = c.segment[k].weights + t * s->filters + f;
        ptrdiff_t terms = groups * s->rows * s->columns * LANES;
        expect(is_near(total.at[weight], sum, sum_bound(sizes, terms + LANES)),
               "convolve_weights [%td]: %.9g, not %.9g", weight, (double)total.at[weight], sum);
    }
    for (ptrdiff_t f = 0; f < s->filters; f++)
    for (ptrdiff_t lane = 0; lane < LANES; lane++) {
        double sum = 0, sizes = 0;
        for (ptrdiff_t y = 0; y < s->rows; y++)
        for (ptrdiff_t x = 0; x < s->columns; x++) {
            sum += (double)slope.at[place(s, y, x, f) + lane];
            sizes += fabs((double)slope.at[place(s, y, x, f) + lane]);
        }
        expect(is_near(biases.at[f * LANES + lane], sum, sum_bound(sizes, s->rows * s->columns)),
               "sum_slopes [%td]", f);
    }
    release_all();
}

static void check_pool(void)
{
    ptrdiff_t rows = 1 + below(4), columns = 1 + below(5), channels = 4 * (1 + below(2));
    ptrdiff_t in_row = (2 * columns + below(2)) * channels, out_row = (columns + 2) * channels;
    ck_pooling s = {rows, columns, channels, in_row, channels, out_row, channels};
    matrix in = noise_row(2 * rows * in_row * LANES), out = zeros(1, rows * out_row * LANES);
    matrix chosen = zeros(1, rows * columns * channels * LANES);
    matrix slope = noise_row(rows * out_row * LANES), back = zeros(1, 2 * rows * in_row * LANES);
    ck_pool(level, &s, in.at, out.at, chosen.at);
    ck_unpool(level, &s, slope.at, chosen.at, back.at);
    for (ptrdiff_t y = 0; y < rows; y++)
    for (ptrdiff_t x = 0; x < columns; x++)
    for (ptrdiff_t i = 0; i < channels * LANES; i++) {
        ptrdiff_t at = (y * out_row + x * channels) * LANES + i, best = -1;
        float largest = 0;
        for (int k = 0; k < 4; k++) {
            ptrdiff_t from = ((2 * y + k / 2) * in_row + (2 * x + k % 2) * channels) * LANES + i;
            if (in.at[from] > largest) {
                largest = in.at[from];
                best = from;
            }
        }
        expect(out.at[at] == largest, "pool: %.9g, not %.9g", (double)out.at[at], (double)largest);
        for (int k = 0; k < 4; k++) {
            ptrdiff_t from = ((2 * y + k / 2) * in_row + (2 * x + k % 2) * channels) * LANES + i;
            expect(back.at[from] == (from == best ? slope.at[at] : 0), "unpool");
        }
    }
    in.at[below(2 * rows * columns) % (2 * columns) * channels * LANES] = NAN;
    ck_pool(level, &s, in.at, out.at, NULL);
    bool found = false;
    for (ptrdiff_t i = 0; i < rows * out_row * LANES; i++) found |= isnan(out.at[i]);
    expect(found, "pool swallows a NaN");
    release_all();
}

static void check_pixels(void)
{
    ck_pictures s = {1 + below(4), 1 + below(13), 1 + below(4), 1 + below(3), below(3), 0.25f, -3};
    ptrdiff_t count = 1 + below(LANES), bytes = s.frames * s.rows * s.columns * s.channels;
    ptrdiff_t stride = bytes + below(40), depth = s.frames * s.channels;
    ptrdiff_t row = (s.columns + 2 * s.padding) * depth;
    uint8_t *pictures = malloc((size_t)(count * stride));
    if (!pictures) abort();
    for (ptrdiff_t i = 0; i < count * stride; i++) pictures[i] = (uint8_t)below(256);
    matrix out = zeros(1, (s.rows + 2 * s.padding) * row * LANES);
    ck_pixels_to_lanes(level, &s, count, pictures, stride, out.at);
    for (ptrdiff_t y = -s.padding; y < s.rows + s.padding; y++)
    for (ptrdiff_t x = -s.padding; x < s.columns + s.padding; x++)
    for (ptrdiff_t d = 0; d < depth; d++)
    for (ptrdiff_t lane = 0; lane < LANES; lane++) {
        bool inside = y >= 0 && x >= 0 && y < s.rows && x < s.columns;
        ptrdiff_t frame = d / s.channels, channel = d % s.channels;
        ptrdiff_t from = ((frame * s.rows + y) * s.columns + x) * s.channels + channel;
        float byte = inside && lane < count ? pictures[lane * stride + from] : 0;
        float wanted = inside ? byte * s.scale + s.offset : 0;
        ptrdiff_t at = (y + s.padding) * row + (x + s.padding) * depth + d;
        expect(out.at[at * LANES + lane] == wanted, "pixels_to_lanes [%td %td %td %td]", y, x, d,
               lane);
    }
    free(pictures);
    release_all();
}

static void check_last_layer(ptrdiff_t rows, ptrdiff_t columns)
{
    matrix x = noise(rows, columns), same = zeros(rows, columns), slope = noise(rows, columns);
    matrix gain = noise_row(columns), shift = noise_row(columns);
    matrix n = zeros(rows, columns), n_same = zeros(rows, columns);
    matrix deviation = zeros(1, rows), deviation_same = zeros(1, rows);
    memcpy(same.at, x.at, (size_t)(rows * x.stride - LANES) * sizeof(float));
    ck_layer_norm_tanh(level, rows, columns, x.at, x.stride, gain.at, shift.at, 1e-5f, n.at,
                       n.stride, deviation.at);
    ck_layer_norm(level, rows, columns, same.at, same.stride, gain.at, shift.at, 1e-5f, n_same.at,
                  n_same.stride, deviation_same.at);
    for (ptrdiff_t i = 0; i < rows; i++) {
        expect(deviation.at[i] == deviation_same.at[i], "layer_norm_tanh: deviation");
        for (ptrdiff_t j = 0; j < columns; j++) {
            double y = tanh((double)entry(n, i, j) * (double)gain.at[j] + (double)shift.at[j]);
            expect(entry(n, i, j) == entry(n_same, i, j), "layer_norm_tanh: n");
            expect(is_near(entry(x, i, j), y, 1e-6), "layer_norm_tanh: %.9g, not %.9g",
                   (double)entry(x, i, j), y);
        }
    }
    // Row by row: what lies between rows belongs to nobody.
    for (ptrdiff_t i = 0; i < rows; i++) {
        float before = entry(slope, i, 0), sum = entry(n, i, 0), y = entry(x, i, 0);
        ck_tanh_back(level, (columns + 15) / 16 * 16, x.at + i * x.stride, slope.at + i * slope.stride);
        expect(is_near(entry(slope, i, 0), (double)before * (1 - (double)y * (double)y), 1e-6),
               "tanh_back");
        float added = entry(slope, i, 0);
        ck_add(level, (columns + 15) / 16 * 16, slope.at + i * slope.stride, n.at + i * n.stride);
        expect(is_near(entry(n, i, 0), (double)sum + (double)added, 1e-6), "add");
    }
    release_all();
}

void check_convolutions(void)
{
    reseed(0xC0FFEE);
    for (int i = 0; i < 8; i++) {
        check_convolve(i & 1, i & 2, i & 4);
        check_weights();
        check_pool();
        check_pixels();
    }
    for (ptrdiff_t columns = 1; columns < 70; columns += 7) check_last_layer(3, columns);
}
