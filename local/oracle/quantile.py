"""Quantiles as the macros have them."""

from collections.abc import Iterable


def quantile(numbers: Iterable[float], share: float) -> float:
    """Linear between the two nearest ranks, the first and the last included. There has to be a number."""
    ranked = sorted(numbers)
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)
