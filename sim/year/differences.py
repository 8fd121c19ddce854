"""What counts as a difference between two classes, everywhere: one threshold, one rule.

Scores are compared as they are written, so that a table of two scores and their difference adds up, and nothing that is
said of a difference can be at odds with its number.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.state import Records

__all__ = ["DIGITS", "LARGE", "VISIBLE", "difference", "is_visible"]

POINTS: Final = ("closeness", "conflict", "aggression")
"""What is scored on a scale of 1 to 5; the rest is a number of classmates."""

DIGITS: Final = {**dict.fromkeys(POINTS, 2), "liked_by": 0}
"""Decimals with which a score is written."""

VISIBLE: Final = {**dict.fromkeys(POINTS, 0.25), "liked_by": 1.0}
"""From which size on a difference can be seen, in points of a scale of 1 to 5, or in classmates.

A quarter of a point is about what programmes for relationships change on average: .26 to .29 standard deviations (I2)
of conflict, whose standard deviation is .87 (S1). A single rating of a real child has an error of about that size;
twins, simulated with the same luck, have none.
"""

LARGE: Final = {**dict.fromkeys(POINTS, 0.7), "liked_by": 3.0}
"""From which size on it is large: about .8 standard deviations between children, which is commonly called so."""


def difference(measure: str, left: Records, right: Records) -> Records:
    """Subtract scores as they are written, right minus left; any shape."""
    digits = DIGITS[measure]
    return np.asarray(np.round(np.round(right, digits) - np.round(left, digits), digits))


def is_visible(measure: str, differences: Records) -> Records:
    """Tell of differences, written like a score, whether they can be seen; any shape."""
    return np.asarray(np.abs(np.round(differences, max(1, DIGITS[measure]))) >= VISIBLE[measure])
