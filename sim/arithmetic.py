"""Functions whose every bit is the program's own: exponential, logarithm, power, normal quantile.

A computer's library of mathematics may give another last bit than another one, and luck makes other years of it. These
are made of what IEEE 754 rounds in one way only: +, −, ×, ÷, the square root, and the bits of a number. Exponential and
logarithm are those of fdlibm (Sun Microsystems 1993), within one unit in the last place; the quantile is Wichura's
(1988, AS 241), to 15 digits. The exponential has no branches, so that several classes are computed side by side.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import compiled

__all__ = ["exponential", "logarithm", "normal_quantile", "power"]

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The logarithm of two in two parts; whole multiples of the first one are exact."""
ONE_BY_LN2 = 1.44269504088896338700e00
WHOLE = 1.5 * 2.0**52
"""Added to a number, it leaves the nearest whole number in the lowest bits."""
LOWEST, HIGHEST = -760.0, 720.0
"""Beyond these the exponential is 0, or infinite."""
SMALLEST = 2.0**-1022
ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)
"""The bits of the square root of a half."""
EXPONENT, BIAS, HALVED = np.int64(52), np.int64(1023), np.int64(1)
WHOLE_BITS = np.int64(0x4338000000000000)
"""The bits of `WHOLE`."""
MIDDLE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
NEAR = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)
"""Ratios of polynomials of AS 241, the highest power first: of the middle, the tails, and their far ends."""


@compiled
def exponential(x: float) -> float:
    """The exponential, rising, exactly 1 at 0; it becomes 0, or infinite, where a number cannot hold it."""
    inside = max(x, LOWEST)
    inside = min(inside, HIGHEST)
    shifted = np.float64(inside * ONE_BY_LN2 + WHOLE)
    whole = shifted - WHOLE
    high, low = inside - whole * LN2_HIGH, whole * LN2_LOW
    r = high - low
    t = r * r
    c = 4.13813679705723846039e-08 * t - 1.65339022054652515390e-06
    c = c * t + 6.61375632143793436117e-05
    c = c * t - 2.77777777770155933842e-03
    c = c * t + 1.66666666666666019037e-01
    c = r - c * t
    scaled = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    twos = np.int64(shifted.view(np.int64) - WHOLE_BITS)  # in two steps: one could not reach the smallest numbers
    half = np.int64(twos >> HALVED)
    first = np.int64((half + BIAS) << EXPONENT).view(np.float64)
    second = np.int64((twos - half + BIAS) << EXPONENT).view(np.float64)
    return float(scaled * first * second)


@compiled
def logarithm(x: float) -> float:
    """The natural logarithm of a positive number; what is smaller than `SMALLEST` counts as that."""
    bits = np.float64(max(x, SMALLEST)).view(np.int64)
    twos = np.int64((bits - ROOT_HALF) >> EXPONENT)
    f = np.int64(bits - (twos << EXPONENT)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = 1.479819860511658591e-01 * z + 1.531383769920937332e-01
    r = r * z + 1.818357216161805012e-01
    r = r * z + 2.222219843214978396e-01
    r = r * z + 2.857142874366239149e-01
    r = r * z + 3.999999999940941908e-01
    r = (r * z + 6.666666666666735130e-01) * z
    half = 0.5 * f * f
    return float(twos * LN2_HIGH - ((half - (s * (half + r) + twos * LN2_LOW)) - f))


@compiled
def power(base: float, exponent: float) -> float:
    """`base`, 0 or more, to a power of 0 or more; 0 to a power is taken as `SMALLEST` to that power."""
    return exponential(exponent * logarithm(base))


@compiled
def normal_quantile(share: float) -> float:
    """Below which a standard normal variable lies with the chance `share`, more than 0 and less than 1."""
    q = share - 0.5
    if abs(q) <= 0.425:
        return q * ratio(MIDDLE, 0.180625 - q * q)
    r = math.sqrt(-logarithm(share if q < 0.0 else 1.0 - share))
    far = ratio(NEAR, r - 1.6) if r <= 5.0 else ratio(FAR, r - 5.0)
    return -far if q < 0.0 else far


@compiled
def ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: float) -> float:
    """One polynomial divided by another one."""
    above, below = 0.0, 0.0
    for place in range(8):
        above = above * x + polynomials[0][place]
        below = below * x + polynomials[1][place]
    return above / below
