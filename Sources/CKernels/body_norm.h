// Normalisation of a hidden layer: by row (layer norm) and by column (batch renorm).

/// The first `left` lanes of x, zeros after them: padding must stay zero.
CK_INLINE vector first_lanes(vector x, ptrdiff_t left)
{
    mask_vector lane;
    for (int i = 0; i < CK_LANES; i++) lane[i] = i;
    int32_t bound = left < CK_LANES ? (int32_t)left : CK_LANES;
    return (vector)((mask_vector)x & (lane < (bound - (mask_vector){})));
}

CK_INLINE void normalise_rows(const bool squashes, ptrdiff_t rows, ptrdiff_t columns, float *x,
                              ptrdiff_t stride, const float *gain, const float *shift,
                              float epsilon, float *normalised, ptrdiff_t normalised_stride,
                              float *inverse_deviation)
{
    for (ptrdiff_t i = 0; i < rows; i++) {
        float *row = x + i * stride;
        float *place = normalised + i * normalised_stride;
        vector sum = (vector){}, squares = (vector){};
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) sum += load(row + j);
        vector mean = splat(sum_of(sum) / (float)columns);
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
            vector centred = first_lanes(load(row + j) - mean, columns - j);
            squares += centred * centred;
        }
        float inverse = 1 / __builtin_sqrtf(sum_of(squares) / (float)columns + epsilon);
        inverse_deviation[i] = inverse;
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
            vector n = first_lanes((load(row + j) - mean) * splat(inverse), columns - j);
            store(place + j, n);
            vector scaled = n * load(gain + j) + load(shift + j);
            store(row + j, squashes ? tanh_of(scaled) : rectified(scaled));
        }
    }
}

static void CK_NAME(layer_norm)(ptrdiff_t rows, ptrdiff_t columns, float *x, ptrdiff_t stride,
                                const float *gain, const float *shift, float epsilon,
                                float *normalised, ptrdiff_t normalised_stride,
                                float *inverse_deviation)
{
    normalise_rows(false, rows, columns, x, stride, gain, shift, epsilon, normalised,
                   normalised_stride, inverse_deviation);
}

static void CK_NAME(layer_norm_tanh)(ptrdiff_t rows, ptrdiff_t columns, float *x, ptrdiff_t stride,
                                     const float *gain, const float *shift, float epsilon,
                                     float *normalised, ptrdiff_t normalised_stride,
                                     float *inverse_deviation)
{
    normalise_rows(true, rows, columns, x, stride, gain, shift, epsilon, normalised,
                   normalised_stride, inverse_deviation);
}

static void CK_NAME(add)(ptrdiff_t count, const float *x, float *sum)
{
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) store(sum + i, load(sum + i) + load(x + i));
}

static void CK_NAME(tanh_back)(ptrdiff_t count, const float *y, float *slope)
{
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) {
        vector value = load(y + i);
        store(slope + i, load(slope + i) * (splat(1) - value * value));
    }
}

static void CK_NAME(layer_norm_back)(ptrdiff_t rows, ptrdiff_t columns, float *slope,
                                     ptrdiff_t stride, const float *normalised,
                                     ptrdiff_t normalised_stride, const float *inverse_deviation,
                                     const float *gain, float *gain_gradient,
                                     float *shift_gradient)
{
    for (ptrdiff_t j = 0; gain_gradient && j < columns; j += CK_LANES) {
        store(gain_gradient + j, (vector){});
        store(shift_gradient + j, (vector){});
    }
    for (ptrdiff_t i = 0; i < rows; i++) {
        float *row = slope + i * stride;
        const float *n = normalised + i * normalised_stride;
        vector sum = (vector){}, product = (vector){};
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
            vector s = load(row + j), x = load(n + j);
            vector g = s * load(gain + j);
            sum += g;
            product += g * x;
            if (gain_gradient) {
                store(gain_gradient + j, load(gain_gradient + j) + s * x);
                store(shift_gradient + j, load(shift_gradient + j) + s);
            }
        }
        vector mean = splat(sum_of(sum) / (float)columns);
        vector along = splat(sum_of(product) / (float)columns);
        vector inverse = splat(inverse_deviation[i]);
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
            vector g = load(row + j) * load(gain + j) - mean - load(n + j) * along;
            store(row + j, first_lanes(g * inverse, columns - j));
        }
    }
}

static void CK_NAME(column_moments)(ptrdiff_t rows, ptrdiff_t columns, const float *x,
                                    ptrdiff_t stride, float *mean, float *variance)
{
    vector share = splat(1 / (float)rows);
    for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
        vector sum = (vector){}, squares = (vector){};
        for (ptrdiff_t i = 0; i < rows; i++) sum += load(x + i * stride + j);
        vector centre = sum * share;
        for (ptrdiff_t i = 0; i < rows; i++) {
            vector distance = load(x + i * stride + j) - centre;
            squares += distance * distance;
        }
        store(mean + j, centre);
        store(variance + j, squares * share);
    }
}

static void CK_NAME(column_products)(ptrdiff_t rows, ptrdiff_t columns, const float *x,
                                     ptrdiff_t x_stride, const float *y, ptrdiff_t y_stride,
                                     float *out)
{
    for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
        vector even = (vector){}, odd = (vector){};
        ptrdiff_t i = 0;
        for (; i + 2 <= rows; i += 2) {
            even += load(x + i * x_stride + j) * load(y + i * y_stride + j);
            odd += load(x + (i + 1) * x_stride + j) * load(y + (i + 1) * y_stride + j);
        }
        if (i < rows) even += load(x + i * x_stride + j) * load(y + i * y_stride + j);
        store(out + j, even + odd);
    }
}

static void CK_NAME(combine_columns)(ptrdiff_t rows, ptrdiff_t columns, const float *x,
                                     ptrdiff_t x_stride, const float *x_scale, const float *y,
                                     ptrdiff_t y_stride, const float *y_scale, const float *shift,
                                     const float *gate, ptrdiff_t gate_stride, float *out,
                                     ptrdiff_t out_stride)
{
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
            vector value = load(x + i * x_stride + j) * load(x_scale + j) + load(shift + j);
            if (y) value += load(y + i * y_stride + j) * load(y_scale + j);
            if (gate) value = positive_only(value, load(gate + i * gate_stride + j));
            store(out + i * out_stride + j, value);
        }
    }
}
