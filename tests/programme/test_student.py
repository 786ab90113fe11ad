"""Student's t against another implementation."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import t as reference

from engine.programme.student import distribution, quantile


@given(st.floats(0.0005, 0.9995), st.floats(0.6, 400.0))
@settings(max_examples=60, deadline=None)
def test_quantiles_are_those_of_scipy(probability: float, degrees: float) -> None:
    assert quantile(probability, degrees) == pytest.approx(
        reference.ppf(probability, degrees), rel=1e-6, abs=1e-8
    )


@given(st.floats(-60.0, 60.0), st.floats(0.6, 400.0))
@example(6e-8, 32.0)
@settings(max_examples=60, deadline=None)
def test_the_distribution_is_that_of_scipy(value: float, degrees: float) -> None:
    assert distribution(value, degrees) == pytest.approx(reference.cdf(value, degrees), abs=1e-8)


@pytest.mark.parametrize(("probability", "degrees"), [(0.0, 5.0), (1.0, 5.0), (0.5, 0.0)])
def test_what_has_no_quantile_is_refused(probability: float, degrees: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        quantile(probability, degrees)
