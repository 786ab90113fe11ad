"""Quantiles of Student's t, for any number of degrees of freedom above 0."""

from __future__ import annotations

import math


def quantile(probability: float, degrees: float) -> float:
    """Return the value below which t lies with a probability.

    By bisection of the distribution function, to about 1e-9 of its size.

    Parameters
    ----------
    probability : above 0 and below 1.
    degrees : degrees of freedom, above 0; need not be whole.

    Raises
    ------
    ValueError
        Out of these bounds.
    """
    if not 0.0 < probability < 1.0 or degrees <= 0.0:
        raise ValueError(f"no quantile of {probability} with {degrees} degrees of freedom")
    if probability < 0.5:
        return -quantile(1.0 - probability, degrees)
    high = 1.0
    while distribution(high, degrees) < probability:
        high *= 2.0
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if distribution(middle, degrees) < probability:
            low = middle
        else:
            high = middle
        if high - low <= 1e-10 * high:
            break
    return (low + high) / 2.0


def distribution(t: float, degrees: float) -> float:
    """Return the probability of a value up to ``t``: by the incomplete beta function (DLMF 8.17.7)."""
    whole = degrees + t * t
    tail = 0.5 * _incomplete_beta(degrees / 2.0, 0.5, degrees / whole, t * t / whole)
    return 1.0 - tail if t > 0.0 else tail


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Regularised incomplete beta function by its continued fraction (DLMF 8.17.22, modified Lentz).

    ``rest`` is 1 - ``x``, which would be lost in rounding where ``x`` is nearly 1.
    """
    if x <= 0.0 or rest <= 0.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _incomplete_beta(b, a, rest, x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    )
    c, d = 1.0, 1.0 / _off_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, 400):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _off_zero(1.0 + term * d)
            c = _off_zero(1.0 + term / c)
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-14:
            break
    return front * fraction / a


def _off_zero(x: float) -> float:
    return x if abs(x) > 1e-300 else 1e-300
