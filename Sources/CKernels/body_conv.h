// Convolutions of 16 pictures at once: a number of each lies in one lane, so that windows, strides
// and pooling never cross lanes. An element below is 16 floats; a picture's elements lie as rows,
// columns, channels.

/// `pixels` outputs of one row by 4 filters. Each segment is a run of inputs that lie together.
CK_INLINE void conv_tile(const int pixels, const ck_convolution *s, const float *in,
                         const float *weights, const float *bias, bool rectify, const float *gate,
                         float *out)
{
    vector sum[CK_CONV_PIXELS][4];
    for (int f = 0; f < 4; f++) {
        for (int j = 0; j < pixels; j++) sum[j][f] = bias ? splat(bias[f]) : (vector){};
    }
    ptrdiff_t step = s->in_column * 16, filters = s->filters;
    for (ptrdiff_t k = 0; k < s->segments; k++) {
        const float *x = in + s->segment[k].input * 16;
        const float *w = weights + s->segment[k].weights;
        for (ptrdiff_t t = 0; t < s->length; t++, x += 16, w += filters) {
            vector value[CK_CONV_PIXELS];
            for (int j = 0; j < pixels; j++) value[j] = load(x + j * step);
            for (int f = 0; f < 4; f++) {
                vector factor = splat(w[f]);
                for (int j = 0; j < pixels; j++) sum[j][f] += factor * value[j];
            }
        }
    }
    for (int j = 0; j < pixels; j++) {
        for (int f = 0; f < 4; f++) {
            vector v = sum[j][f];
            if (rectify) v = rectified(v);
            if (gate) v = positive_only(v, load(gate + (j * s->gate_column + f) * 16));
            store(out + (j * s->out_column + f) * 16, v);
        }
    }
}

static void CK_NAME(convolve)(const ck_convolution *s, const float *in, const float *weights,
                              const float *bias, bool rectify, const float *gate, float *out)
{
    // Tiles of about the same width: a narrow last one would wait for its own sums.
    ptrdiff_t tiles = (s->columns + CK_CONV_PIXELS - 1) / CK_CONV_PIXELS;
    for (ptrdiff_t lane = 0; lane < 16; lane += CK_LANES) {
        for (ptrdiff_t y = 0; y < s->rows; y++) {
            ptrdiff_t x = 0;
            for (ptrdiff_t left = tiles; left > 0; left--) {
                ptrdiff_t pixels = (s->columns - x + left - 1) / left;
                const float *from = in + (y * s->in_row + x * s->in_column) * 16 + lane;
                const float *open = gate ? gate + (y * s->gate_row + x * s->gate_column) * 16 + lane
                                         : 0;
                float *to = out + (y * s->out_row + x * s->out_column) * 16 + lane;
                for (ptrdiff_t f = 0; f < s->filters; f += 4) {
#define CK_CONV(count)                                                                           \
    case count:                                                                                  \
        conv_tile(count, s, from, weights + f, bias ? bias + f : 0, rectify,                      \
                  open ? open + f * 16 : 0, to + f * 16);                                         \
        break
                    switch (pixels) {
                        CK_CONV(1);
                        CK_CONV(2);
#if CK_CONV_PIXELS > 2
                        CK_CONV(3);
#endif
#if CK_CONV_PIXELS > 3
                        CK_CONV(4);
                        CK_CONV(5);
                        CK_CONV(6);
#endif
                    default: break;
                    }
#undef CK_CONV
                }
                x += pixels;
            }
        }
    }
}

/// The products of `taps` inputs and 4 slopes, summed over the outputs of all groups.
CK_INLINE void conv_weights_tile(const int taps, const ck_convolution *s, ptrdiff_t groups,
                                 const float *in, ptrdiff_t in_group, const float *slope,
                                 ptrdiff_t slope_group, float *sums)
{
    vector sum[CK_CONV_TAPS][4];
    for (int t = 0; t < taps; t++) {
        for (int f = 0; f < 4; f++) sum[t][f] = load(sums + (t * s->filters + f) * 16);
    }
    for (ptrdiff_t g = 0; g < groups; g++) {
        for (ptrdiff_t y = 0; y < s->rows; y++) {
            const float *a = in + (g * in_group + y * s->in_row) * 16;
            const float *d = slope + (g * slope_group + y * s->out_row) * 16;
            for (ptrdiff_t x = 0; x < s->columns; x++) {
                vector back[4];
                for (int f = 0; f < 4; f++) back[f] = load(d + f * 16);
                for (int t = 0; t < taps; t++) {
                    vector value = load(a + t * 16);
                    for (int f = 0; f < 4; f++) sum[t][f] += value * back[f];
                }
                a += s->in_column * 16;
                d += s->out_column * 16;
            }
        }
    }
    for (int t = 0; t < taps; t++) {
        for (int f = 0; f < 4; f++) store(sums + (t * s->filters + f) * 16, sum[t][f]);
    }
}

static void CK_NAME(convolve_weights)(const ck_convolution *s, ptrdiff_t groups, const float *in,
                                      ptrdiff_t in_group, const float *slope,
                                      ptrdiff_t slope_group, float *sums)
{
    for (ptrdiff_t lane = 0; lane < 16; lane += CK_LANES) {
        for (ptrdiff_t k = 0; k < s->segments; k++) {
            for (ptrdiff_t t = 0; t < s->length; t += CK_CONV_TAPS) {
                ptrdiff_t taps = s->length - t < CK_CONV_TAPS ? s->length - t : CK_CONV_TAPS;
                const float *from = in + (s->segment[k].input + t) * 16 + lane;
                for (ptrdiff_t f = 0; f < s->filters; f += 4) {
                    float *to = sums + (s->segment[k].weights + t * s->filters + f) * 16 + lane;
                    const float *back = slope + f * 16 + lane;
#define CK_CONV(count)                                                                           \
    case count: conv_weights_tile(count, s, groups, from, in_group, back, slope_group, to); break
                    switch (taps) {
                        CK_CONV(1);
                        CK_CONV(2);
#if CK_CONV_TAPS > 2
                        CK_CONV(3);
                        CK_CONV(4);
#endif
#if CK_CONV_TAPS > 4
                        CK_CONV(5);
                        CK_CONV(6);
#endif
                    default: break;
                    }
#undef CK_CONV
                }
            }
        }
    }
}

static void CK_NAME(sum_slopes)(const ck_convolution *s, const float *slope, float *sums)
{
    for (ptrdiff_t f = 0; f < s->filters; f++) {
        for (ptrdiff_t lane = 0; lane < 16; lane += CK_LANES) {
            vector sum = load(sums + f * 16 + lane);
            for (ptrdiff_t y = 0; y < s->rows; y++) {
                const float *d = slope + (y * s->out_row + f) * 16 + lane;
                for (ptrdiff_t x = 0; x < s->columns; x++) sum += load(d + x * s->out_column * 16);
            }
            store(sums + f * 16 + lane, sum);
        }
    }
}

static void CK_NAME(sum_lanes)(ptrdiff_t count, const float *sums, float *out)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        vector sum = load(sums + i * 16);
        for (ptrdiff_t lane = CK_LANES; lane < 16; lane += CK_LANES) {
            sum += load(sums + i * 16 + lane);
        }
        out[i] = sum_of(sum);
    }
}

static void CK_NAME(pool)(const ck_pooling *s, const float *in, float *out, float *chosen)
{
    ptrdiff_t places[4] = {0, s->in_column * 16, s->in_row * 16, (s->in_row + s->in_column) * 16};
    for (ptrdiff_t y = 0; y < s->rows; y++) {
        for (ptrdiff_t x = 0; x < s->columns; x++) {
            const float *from = in + (2 * y * s->in_row + 2 * x * s->in_column) * 16;
            float *to = out + (y * s->out_row + x * s->out_column) * 16;
            float *place = chosen ? chosen + (y * s->columns + x) * s->channels * 16 : 0;
            for (ptrdiff_t i = 0; i < s->channels * 16; i += CK_LANES) {
                vector best = load(from + i);
                mask_vector which = {};
                for (int32_t k = 1; k < 4; k++) {
                    vector value = load(from + places[k] + i);
                    // A NaN is larger than anything: a broken network must not look like a sound one.
                    mask_vector wins = (value > best) | (value != value);
                    best = choose(wins, value, best);
                    which = (wins & (k - (mask_vector){})) | (~wins & which);
                }
                if (place) store(place + i, (vector)(which | ~(best > (vector){})));
                store(to + i, rectified(best));
            }
        }
    }
}

static void CK_NAME(unpool)(const ck_pooling *s, const float *slope, const float *chosen,
                            float *back)
{
    ptrdiff_t places[4] = {0, s->in_column * 16, s->in_row * 16, (s->in_row + s->in_column) * 16};
    for (ptrdiff_t y = 0; y < s->rows; y++) {
        for (ptrdiff_t x = 0; x < s->columns; x++) {
            const float *from = slope + (y * s->out_row + x * s->out_column) * 16;
            float *to = back + (2 * y * s->in_row + 2 * x * s->in_column) * 16;
            const float *place = chosen + (y * s->columns + x) * s->channels * 16;
            for (ptrdiff_t i = 0; i < s->channels * 16; i += CK_LANES) {
                vector value = load(from + i);
                mask_vector which = (mask_vector)load(place + i);
                for (int32_t k = 0; k < 4; k++) {
                    mask_vector here = which == (k - (mask_vector){});
                    store(to + places[k] + i, (vector)((mask_vector)value & here));
                }
            }
        }
    }
}

typedef uint8_t sixteen_bytes __attribute__((vector_size(16), aligned(1)));
typedef uint8_t byte_lanes __attribute__((vector_size(16)));
typedef float float_lanes __attribute__((vector_size(64)));

/// Bytes of 16 rows become 16 rows of the bytes in one place: four rounds of pairing.
CK_INLINE void turn_bytes(byte_lanes row[16])
{
    for (int round = 0; round < 4; round++) {
        byte_lanes turned[16];
        for (int i = 0; i < 8; i++) {
            turned[2 * i] = __builtin_shufflevector(row[i], row[i + 8], 0, 16, 1, 17, 2, 18, 3, 19,
                                                    4, 20, 5, 21, 6, 22, 7, 23);
            turned[2 * i + 1] = __builtin_shufflevector(row[i], row[i + 8], 8, 24, 9, 25, 10, 26,
                                                        11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        for (int i = 0; i < 16; i++) row[i] = turned[i];
    }
}

static void CK_NAME(pixels_to_lanes)(const ck_pictures *s, ptrdiff_t count, const uint8_t *bytes,
                                     ptrdiff_t stride, float *out)
{
    ptrdiff_t row_bytes = s->columns * s->channels;
    ptrdiff_t depth = s->frames * s->channels;
    ptrdiff_t out_row = (s->columns + 2 * s->padding) * depth;
    for (ptrdiff_t frame = 0; frame < s->frames; frame++) {
        for (ptrdiff_t y = 0; y < s->rows; y++) {
            const uint8_t *from = bytes + (frame * s->rows + y) * row_bytes;
            float *to = out + ((y + s->padding) * out_row + s->padding * depth
                               + frame * s->channels) * 16;
            ptrdiff_t channel = 0;
            for (ptrdiff_t p = 0; p < row_bytes; p += 16) {
                ptrdiff_t width = row_bytes - p < 16 ? row_bytes - p : 16;
                byte_lanes row[16];
                for (ptrdiff_t i = 0; i < 16; i++) {
                    row[i] = (byte_lanes){};
                    if (i >= count) continue;
                    const uint8_t *place = from + i * stride + p;
                    if (width == 16) row[i] = *(const sixteen_bytes *)place;
                    else for (ptrdiff_t k = 0; k < width; k++) row[i][k] = place[k];
                }
                turn_bytes(row);
                for (ptrdiff_t k = 0; k < width; k++) {
                    float_lanes value = __builtin_convertvector(row[k], float_lanes);
                    *(float_lanes *)to = value * s->scale + s->offset;
                    to += 16;
                    if (++channel == s->channels) {
                        channel = 0;
                        to += (depth - s->channels) * 16;
                    }
                }
            }
        }
    }
}
