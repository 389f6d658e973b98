// Elementary functions and the squashed Gaussian, against the C library's in double precision.
#include "check.h"

enum { COUNT = 4096 };
static const double pi = 3.14159265358979323846;

static void check_tanh(void)
{
    matrix x = zeros(1, COUNT), y = zeros(1, COUNT);
    for (ptrdiff_t i = 0; i < COUNT; i++) {
        // Dense where tanh bends, with some far out where it has long been 1.
        x.at[i] = (float)(i % 8 == 0 ? uniform(-100, 100) : uniform(-6, 6));
    }
    x.at[0] = 0;
    x.at[1] = -0.0f;
    x.at[2] = INFINITY;
    x.at[3] = NAN;
    ck_tanh(level, COUNT, x.at, y.at);
    for (ptrdiff_t i = 0; i < COUNT; i++) {
        // Two roundings in 1 - e for e near 1, one each in e, 1 + e and the quotient.
        expect(is_near(y.at[i], tanh((double)x.at[i]), 6 * UNIT_ROUNDOFF), "tanh(%.9g) is %.9g",
               (double)x.at[i], (double)y.at[i]);
        expect(!(fabsf(y.at[i]) > 1), "tanh(%.9g) is beyond 1", (double)x.at[i]);
    }
    expect(signbit(y.at[1]) != 0, "tanh(-0) is not -0");
    release_all();
}

static void check_normals(void)
{
    static uint64_t words[COUNT / 2];
    for (ptrdiff_t i = 0; i < COUNT / 2; i++) words[i] = random_word();
    // The ends of both ranges.
    words[0] = 0;
    words[1] = UINT64_MAX;
    words[2] = 0x7FFFFFFF;
    words[3] = 0x80000000;
    matrix out = zeros(1, COUNT);
    ck_normals(level, COUNT, words, out.at);
    double sum = 0, squares = 0, fourths = 0;
    for (ptrdiff_t i = 0; i < COUNT / 2; i++) {
        double u = ((double)(words[i] >> 40) + 0.5) * 0x1p-24;
        double radius = sqrt(-2 * log(u));
        double turn = (double)((int32_t)(uint32_t)words[i] >> 8) * 0x1p-23 * pi / 4;
        bool swapped = words[i] & 1;
        double x = swapped ? sin(turn) : cos(turn), y = swapped ? cos(turn) : sin(turn);
        if (words[i] & 2) x = -x;
        if (words[i] & 4) y = -y;
        // Near u = 1 the logarithm is small and its argument already rounded to single precision.
        double bound = 16 * UNIT_ROUNDOFF * radius + UNIT_ROUNDOFF / fmax(radius, 1e-4);
        expect(is_near(out.at[i], radius * x, bound), "normal %td is %.9g, not %.9g", i,
               (double)out.at[i], radius * x);
        expect(is_near(out.at[COUNT / 2 + i], radius * y, bound), "normal %td is %.9g, not %.9g",
               COUNT / 2 + i, (double)out.at[COUNT / 2 + i], radius * y);
    }
    for (ptrdiff_t i = 8; i < COUNT; i++) {
        double z = out.at[i];
        sum += z;
        squares += z * z;
        fourths += z * z * z * z;
    }
    // Five standard errors of the first, second and fourth moment: 1, sqrt(2) and sqrt(96).
    double error = 5 / sqrt((double)COUNT);
    expect(is_near(sum / COUNT, 0, error), "the normals' mean is %g", sum / COUNT);
    expect(is_near(squares / COUNT, 1, 1.5 * error), "their variance is %g", squares / COUNT);
    expect(is_near(fourths / COUNT, 3, 9.8 * error), "their fourth moment is %g", fourths / COUNT);
    release_all();
}

/// log(1 - tanh²(u)) where neither 1 - tanh² nor the exponential of a large u could be formed.
static double log_derivative(double u)
{
    double size = fabs(u);
    return 2 * (log(2) - size - log1p(exp(-2 * size)));
}

static void check_squash(void)
{
    const double lowest = -5, highest = 2;
    const float alpha = 0.2f, scale = 1.0f / 256;
    matrix mean = zeros(1, COUNT), width = zeros(1, COUNT), z = zeros(1, COUNT);
    matrix before = noise_row(COUNT), density = zeros(1, COUNT), slope = noise_row(COUNT);
    matrix action = zeros(1, COUNT), derivative = zeros(1, COUNT), spread = zeros(1, COUNT);
    matrix by_mean = zeros(1, COUNT), by_width = zeros(1, COUNT);
    for (ptrdiff_t i = 0; i < COUNT; i++) {
        mean.at[i] = (float)uniform(-4, 4);
        width.at[i] = (float)uniform(lowest - 1, highest + 1);
        z.at[i] = (float)uniform(-4, 4);
        density.at[i] = before.at[i];
    }
    ck_squash(level, COUNT, mean.at, width.at, (float)lowest, (float)highest, z.at, action.at,
              derivative.at, spread.at, density.at);
    ck_squash_gradient(level, COUNT, action.at, derivative.at, spread.at, width.at, (float)lowest,
                       (float)highest, slope.at, alpha, scale, by_mean.at, by_width.at);
    for (ptrdiff_t i = 0; i < COUNT; i++) {
        double kept = fmin(fmax(width.at[i], lowest), highest);
        double offset = exp(kept) * (double)z.at[i];
        expect(is_near(spread.at[i], offset, 16 * UNIT_ROUNDOFF * fabs(offset)),
               "spread %.9g, not %.9g", (double)spread.at[i], offset);
        // From the spread as rounded: what follows is judged by itself.
        double u = (double)mean.at[i] + (double)spread.at[i];
        double off = UNIT_ROUNDOFF * fabs(u);
        expect(is_near(action.at[i], tanh(u), 6 * UNIT_ROUNDOFF + off), "action %.9g at u = %.9g",
               (double)action.at[i], u);
        double steepness = exp(log_derivative(u));
        expect(is_near(derivative.at[i], steepness, steepness * (24 * UNIT_ROUNDOFF + 2 * off)),
               "1 - tanh² is %.9g, not %.9g", (double)derivative.at[i], steepness);
        double gaussian = -0.5 * z.at[i] * z.at[i] - kept - 0.5 * log(2 * pi);
        double expected = before.at[i] + gaussian - log_derivative(u);
        double parts = fabs(before.at[i]) + 0.5 * z.at[i] * z.at[i] + fabs(kept) + 5 + 2 * fabs(u);
        expect(is_near(density.at[i], expected, 8 * UNIT_ROUNDOFF * parts + 2 * off),
               "log density %.9g, not %.9g", (double)density.at[i], expected);

        double by_u = 2 * (double)alpha * (double)action.at[i] -
                      (double)slope.at[i] * (double)derivative.at[i];
        double by_log_sigma = by_u * (double)spread.at[i] - (double)alpha;
        double size = 2 * (double)alpha + fabs(slope.at[i]);
        bool is_outside = width.at[i] < lowest || width.at[i] > highest;
        expect(is_near(by_mean.at[i], scale * by_u, 4 * UNIT_ROUNDOFF * scale * size),
               "slope by mean %.9g, not %.9g", (double)by_mean.at[i], scale * by_u);
        double width_bound = 6 * UNIT_ROUNDOFF * scale * (size * fabs(spread.at[i]) + alpha);
        expect(is_near(by_width.at[i], is_outside ? 0 : scale * by_log_sigma,
                       is_outside ? 0 : width_bound),
               "slope by log sigma %.9g, not %.9g", (double)by_width.at[i], scale * by_log_sigma);
    }
    release_all();
}

void check_functions(void)
{
    for (uint64_t seed = 9000; seed < 9010; seed++) {
        reseed(seed);
        check_tanh();
        check_normals();
        check_squash();
    }
}
