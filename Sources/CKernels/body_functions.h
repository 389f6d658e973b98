// Elementary functions on vectors, and what the squashed Gaussian needs of them.

/// e^x for x in [-87, 88] (clamped outside): 2^n times the series of e^r, |r| <= ln 2 / 2.
CK_INLINE vector exp_of(vector x)
{
    x = at_least(at_most(x, splat(88.0f)), splat(-87.0f));
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    vector shifted = x * splat(1.44269504f) + splat(12582912.0f);
    vector n = shifted - splat(12582912.0f);
    vector r = x - n * splat(0.693359375f);
    r = r + n * splat(2.12194440e-4f);
    vector p = splat(1.0f / 5040);
    p = p * r + splat(1.0f / 720);
    p = p * r + splat(1.0f / 120);
    p = p * r + splat(1.0f / 24);
    p = p * r + splat(1.0f / 6);
    p = p * r + splat(0.5f);
    p = p * r + splat(1.0f);
    p = p * r + splat(1.0f);
    mask_vector power = ((mask_vector)shifted - 0x4B400000 + 127) << 23;
    return p * (vector)power;
}

/// 2 atanh(s) = log((1 + s) / (1 - s)) for |s| <= 1/3.
CK_INLINE vector twice_atanh(vector s)
{
    vector q = s * s;
    vector p = splat(1.0f / 15);
    p = p * q + splat(1.0f / 13);
    p = p * q + splat(1.0f / 11);
    p = p * q + splat(1.0f / 9);
    p = p * q + splat(1.0f / 7);
    p = p * q + splat(1.0f / 5);
    p = p * q + splat(1.0f / 3);
    return (s + s) + (s + s) * (q * p);
}

/// log(x) for a normal positive x.
CK_INLINE vector log_of(vector x)
{
    // Split at sqrt(1/2) = 0x3F3504F3, so that the mantissa lies around 1.
    mask_vector bits = (mask_vector)x - 0x3F3504F3;
    mask_vector exponent = bits >> 23;
    vector m = (vector)((bits & 0x007FFFFF) + 0x3F3504F3);
    vector e = __builtin_convertvector(exponent, vector);
    return e * splat(0.693147181f) + twice_atanh((m - splat(1)) / (m + splat(1)));
}

/// log(1 + e) for e in [0, 1], without forming 1 + e.
CK_INLINE vector log_one_plus(vector e) { return twice_atanh(e / (e + splat(2))); }

CK_INLINE vector magnitude(vector x) { return (vector)((mask_vector)x & 0x7FFFFFFF); }
CK_INLINE vector signed_as(vector size, vector sign)
{
    return (vector)((mask_vector)size | ((mask_vector)sign & INT32_MIN));
}

CK_INLINE vector tanh_of(vector x)
{
    vector e = exp_of(splat(-2) * magnitude(x));
    return signed_as((splat(1) - e) / (splat(1) + e), x);
}

static void CK_NAME(tanh_all)(ptrdiff_t count, const float *x, float *out)
{
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) store(out + i, tanh_of(load(x + i)));
}

static void CK_NAME(normals)(ptrdiff_t count, const uint64_t *words, float *out)
{
    ptrdiff_t half = count / 2;
    for (ptrdiff_t i = 0; i < half; i += CK_LANES) {
        mask_vector radius_bits, angle_bits;
        for (int lane = 0; lane < CK_LANES; lane++) {
            radius_bits[lane] = (int32_t)(words[i + lane] >> 40);
            angle_bits[lane] = (int32_t)(uint32_t)words[i + lane];
        }
        vector u = (__builtin_convertvector(radius_bits, vector) + splat(0.5f)) * splat(0x1p-24f);
        vector radius = __builtin_elementwise_sqrt(splat(-2) * log_of(u));

        // An angle within an eighth of a turn of zero, from the upper bits; three of the lower
        // bits reflect the point about the diagonal and both axes, which covers the circle.
        vector t = __builtin_convertvector(angle_bits >> 8, vector) * splat(0.785398163f * 0x1p-23f);
        vector q = t * t;
        vector sine = splat(1.0f / 362880);
        sine = sine * q - splat(1.0f / 5040);
        sine = sine * q + splat(1.0f / 120);
        sine = sine * q - splat(1.0f / 6);
        sine = t + t * (q * sine);
        vector cosine = splat(1.0f / 40320);
        cosine = cosine * q - splat(1.0f / 720);
        cosine = cosine * q + splat(1.0f / 24);
        cosine = cosine * q - splat(0.5f);
        cosine = cosine * q + splat(1.0f);

        mask_vector swapped = (angle_bits & 1) != 0;
        vector x = choose(swapped, sine, cosine);
        vector y = choose(swapped, cosine, sine);
        x = (vector)((mask_vector)x ^ ((angle_bits & 2) << 30));
        y = (vector)((mask_vector)y ^ ((angle_bits & 4) << 29));
        store(out + i, radius * x);
        store(out + half + i, radius * y);
    }
}

static void CK_NAME(squash)(ptrdiff_t count, const float *mean, const float *log_sigma,
                            float lowest, float highest, const float *noise, float *action,
                            float *derivative, float *spread, float *log_density)
{
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) {
        vector width = at_least(at_most(load(log_sigma + i), splat(highest)), splat(lowest));
        vector z = load(noise + i);
        vector offset = exp_of(width) * z;
        vector u = load(mean + i) + offset;
        vector size = magnitude(u);
        vector e = exp_of(splat(-2) * size);
        vector share = splat(1) / (splat(1) + e);
        store(action + i, signed_as((splat(1) - e) * share, u));
        store(derivative + i, splat(4) * e * share * share);
        store(spread + i, offset);
        // log N(z) - log sigma - log(1 - tanh²(u)), the last in the form that never saturates.
        // 0.918938533 = log(2 pi) / 2, 1.386294361 = log 4.
        vector gaussian = splat(-0.5f) * z * z - width - splat(0.918938533f);
        vector squashed = splat(1.386294361f) - splat(2) * (size + log_one_plus(e));
        store(log_density + i, load(log_density + i) + (gaussian - squashed));
    }
}

static void CK_NAME(squash_gradient)(ptrdiff_t count, const float *action,
                                     const float *derivative, const float *spread,
                                     const float *log_sigma, float lowest, float highest,
                                     const float *q_slope, float alpha, float scale,
                                     float *mean_gradient, float *log_sigma_gradient)
{
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) {
        // d/du of (alpha log pi - Q): the squash adds 2 tanh(u), the action moves by 1 - tanh²(u).
        vector by_u = splat(2 * alpha) * load(action + i) - load(q_slope + i) * load(derivative + i);
        vector by_width = by_u * load(spread + i) - splat(alpha);
        vector width = load(log_sigma + i);
        mask_vector outside = (width < splat(lowest)) | (width > splat(highest));
        store(mean_gradient + i, splat(scale) * by_u);
        store(log_sigma_gradient + i,
              (vector)(~outside & (mask_vector)(splat(scale) * by_width)));
    }
}
