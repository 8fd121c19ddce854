"""Response scales: how a latent state in [0, 1] reads on the scale that teachers and studies use, and back."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from sim.state import Records

__all__ = ["SDQ_ITEMS", "from_item_mean", "from_symptoms", "sdq_conduct", "sdq_hyperactivity", "to_item_mean"]

Scores = TypeVar("Scores", Records, float)

LOWEST, HIGHEST = 1.0, 5.0
SDQ_ITEMS = 10
"""Highest score of an SDQ subscale (five items of 0 to 2)."""


def to_item_mean(state: Scores) -> Scores:
    """A state in [0, 1] as an item mean of 1 to 5 (STRS/LLRV, teacher-rated aggression)."""
    return LOWEST + (HIGHEST - LOWEST) * state


def from_item_mean(score: float) -> float:
    """An item mean of 1 to 5 as a state in [0, 1]."""
    return (score - LOWEST) / (HIGHEST - LOWEST)


def from_symptoms(score: float) -> float:
    """The state in [0, 1] (of aggression, or of what self-regulation lacks) that an expected SDQ score stands for."""
    return math.sqrt(min(max(score, 0.0), float(SDQ_ITEMS)) / SDQ_ITEMS)


def sdq_conduct(aggression: Records) -> Records:
    """Expected SDQ conduct problems, 0 to 10: symptoms accumulate with the square of aggression."""
    return SDQ_ITEMS * np.square(aggression)


def sdq_hyperactivity(self_regulation: Records) -> Records:
    """Expected SDQ hyperactivity, 0 to 10: it accumulates with the square of what self-regulation lacks."""
    return SDQ_ITEMS * np.square(1.0 - self_regulation)
