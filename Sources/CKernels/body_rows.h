// Kernels that go once over a matrix or a vector; their speed is that of the cache.

CK_INLINE float sum_of(vector v)
{
    float total = 0;
    for (int i = 0; i < CK_LANES; i++) total += v[i];
    return total;
}

static void CK_NAME(row_dot)(ptrdiff_t rows, ptrdiff_t columns, const float *h, ptrdiff_t stride,
                             const float *weights, float bias, float *out)
{
    for (ptrdiff_t i = 0; i < rows; i++) {
        const float *row = h + i * stride;
        vector even = (vector){}, odd = (vector){};
        ptrdiff_t j = 0;
        for (; j + 2 * CK_LANES <= columns; j += 2 * CK_LANES) {
            even += load(row + j) * load(weights + j);
            odd += load(row + j + CK_LANES) * load(weights + j + CK_LANES);
        }
        for (; j < columns; j += CK_LANES) even += load(row + j) * load(weights + j);
        out[i] = bias + sum_of(even + odd);
    }
}

static void CK_NAME(column_sum)(ptrdiff_t rows, ptrdiff_t columns, const float *x,
                                ptrdiff_t stride, const float *scale, float *out)
{
    for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
        vector part[4] = {};
        ptrdiff_t i = 0;
        for (; i + 4 <= rows; i += 4) {
            for (int k = 0; k < 4; k++) {
                vector value = load(x + (i + k) * stride + j);
                part[k] += scale ? value * splat(scale[i + k]) : value;
            }
        }
        for (; i < rows; i++) {
            vector value = load(x + i * stride + j);
            part[0] += scale ? value * splat(scale[i]) : value;
        }
        store(out + j, (part[0] + part[1]) + (part[2] + part[3]));
    }
}

static void CK_NAME(outer_masked)(ptrdiff_t rows, ptrdiff_t columns, const float *scale,
                                  const float *weights, const float *h, ptrdiff_t h_stride,
                                  const int32_t *rows_of, float *d, ptrdiff_t d_stride)
{
    for (ptrdiff_t i = 0; i < rows; i++) {
        const float *gate = h + (rows_of ? rows_of[i] : i) * h_stride;
        vector factor = splat(scale[i]);
        for (ptrdiff_t j = 0; j < columns; j += CK_LANES) {
            store(d + i * d_stride + j,
                  positive_only(factor * load(weights + j), load(gate + j)));
        }
    }
}

CK_INLINE vector adam_moved(vector theta, vector gradient, float *m, float *v, ck_adam_step step)
{
    vector first = load(m) + (gradient - load(m)) * splat(1 - step.beta1);
    vector second = load(v) * splat(step.beta2) + gradient * gradient * splat(1 - step.beta2);
    store(m, first);
    store(v, second);
    vector root = __builtin_elementwise_sqrt(second) * splat(step.root_correction);
    return theta - splat(step.step_size) * first / (root + splat(step.epsilon));
}

static void CK_NAME(adam)(ptrdiff_t count, float *theta, const float *gradient, float *m, float *v,
                          ck_adam_step step, float *target, float tau)
{
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) {
        vector moved = adam_moved(load(theta + i), load(gradient + i), m + i, v + i, step);
        store(theta + i, moved);
        if (target) {
            vector old = load(target + i);
            store(target + i, old + splat(tau) * (moved - old));
        }
    }
}

static bool CK_NAME(all_finite)(ptrdiff_t count, const float *x)
{
    // x - x is zero for a number and NaN for an infinity or a NaN.
    vector sum = (vector){};
    ptrdiff_t i = 0;
    for (; i + CK_LANES <= count; i += CK_LANES) sum += load(x + i) - load(x + i);
    float total = sum_of(sum);
    for (; i < count; i++) total += x[i] - x[i];
    return total == 0;
}

// Inputs whose places are kept on the stack at a time.
enum { CK_NAME(row_chunk) = 256 };

/// y += the listed rows of W, each times its input; `vectors` vectors of y at once.
CK_INLINE void row_block(const int vectors, int count, const int32_t *places, const float *x,
                         const float *w, ptrdiff_t w_stride, float *y)
{
    vector sum[CK_ROW_VECTORS];
    for (int q = 0; q < vectors; q++) sum[q] = load(y + q * CK_LANES);
    for (int k = 0; k < count; k++) {
        const float *row = w + places[k] * w_stride;
        vector factor = splat(x[places[k]]);
        for (int q = 0; q < vectors; q++) sum[q] += factor * load(row + q * CK_LANES);
    }
    for (int q = 0; q < vectors; q++) store(y + q * CK_LANES, sum[q]);
}

static void CK_NAME(row_times_matrix)(ptrdiff_t inputs, ptrdiff_t columns, const float *x,
                                      const float *w, ptrdiff_t w_stride, const float *bias,
                                      bool rectify, float *y)
{
    ptrdiff_t padded = (columns + 15) / 16 * 16;
    for (ptrdiff_t j = 0; j < padded; j += CK_LANES) store(y + j, load(bias + j));
    for (ptrdiff_t start = 0; start < inputs; start += CK_NAME(row_chunk)) {
        // About half of a rectified layer's outputs are zero, and their rows need not be read:
        // reading the weights is what one observation costs.
        int32_t places[CK_NAME(row_chunk)];
        int count = 0;
        ptrdiff_t left = inputs - start;
        int chunk = left < CK_NAME(row_chunk) ? (int)left : CK_NAME(row_chunk);
        for (int k = 0; k < chunk; k++) {
            places[count] = k;
            count += x[start + k] != 0;
        }
        const float *block = w + start * w_stride;
        ptrdiff_t j = 0, width = CK_ROW_VECTORS * CK_LANES;
        for (; j + width <= columns; j += width) {
            row_block(CK_ROW_VECTORS, count, places, x + start, block + j, w_stride, y + j);
        }
        // A whole cache line at a time: a single narrow sum would wait for itself at every step.
        for (; j < padded; j += 16) {
            row_block(16 / CK_LANES, count, places, x + start, block + j, w_stride, y + j);
        }
    }
    if (!rectify) return;
    for (ptrdiff_t j = 0; j < padded; j += CK_LANES) store(y + j, rectified(load(y + j)));
}
