"""Where the arrows of a phase portrait lead: nullclines, places of rest, and the boundary between their basins.

Places are pairs of conflict and aggression, 0 to 1. Between the places of a portrait the change is interpolated, and
beyond its outermost levels it is as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from contourpy import contour_generator

from sim.state import Records

if TYPE_CHECKING:
    from sim.year.dyad import Portrait

__all__ = ["Basins", "basins", "change_at", "follow_arrows", "nullclines"]

STARTS = 24
"""Levels of conflict and of aggression from which the arrows are followed; even, so that none lies in the middle."""
REACH = 0.02
"""Longest step along an arrow, on the scale of the states; a step is a week where the change is slower."""
STILL = 1e-4
"""What moves less in a week is at rest."""
STEPS = 1000
"""Most steps."""
APART = 0.06
"""Ends that are nearer to each other are one place of rest."""
SMALLEST = 0.005
"""Share of all starts that a basin has at least."""
HALVINGS = 5
"""How often the stretch in which a boundary lies is halved."""


@dataclass(frozen=True)
class Basins:
    """What a portrait leads to in the end.

    Attributes
    ----------
    rests
        Places at which it stays, shape (r, 2), from low to high conflict.
    boundary
        The separatrix: lines between the basins of these places, each of shape (points, 2); none if there is but one.
    """

    rests: Records
    boundary: tuple[Records, ...]

    def of(self, ends: Records) -> Records:
        """Number of the place of rest that is nearest to each of `ends`, shape (n, 2)."""
        return np.asarray(np.linalg.norm(ends[:, None] - self.rests, axis=2).argmin(axis=1))


def change_at(portrait: Portrait, places: Records) -> Records:
    """Change a week of conflict and aggression at `places`, shape (n, 2)."""
    return interpolate(portrait.levels, np.stack((portrait.conflict, portrait.aggression), axis=2), places)


def interpolate(levels: Records, change: Records, places: Records) -> Records:
    """Change at `places`, from that at all pairs of `levels`: shape (aggression, conflict, 2)."""
    at = np.interp(places, levels, np.arange(len(levels)))
    low = np.minimum(at.astype(int), len(levels) - 2)
    x, y = low.T
    right, up = (at - low).T[:, :, None]
    below = change[y, x] * (1.0 - right) + change[y, x + 1] * right
    above = change[y + 1, x] * (1.0 - right) + change[y + 1, x + 1] * right
    return np.asarray(below * (1.0 - up) + above * up)


def follow_arrows(portrait: Portrait, starts: Records) -> Records:
    """Where the arrows lead from `starts` in the end, shape (n, 2)."""
    changes = np.stack((portrait.conflict, portrait.aggression), axis=2)
    places = np.array(starts, dtype=float)
    moving = np.arange(len(places))
    for _ in range(STEPS):
        here = places[moving]
        change = interpolate(portrait.levels, changes, here)
        length = np.linalg.norm(change, axis=1, keepdims=True)
        places[moving] = np.clip(here + change * (REACH / np.maximum(length, REACH)), 0.0, 1.0)
        moving = moving[np.abs(places[moving] - here).max(axis=1) > STILL]
        if not len(moving):
            break
    return places


def nullclines(portrait: Portrait) -> tuple[list[Records], list[Records]]:
    """Lines on which conflict, and on which aggression, stays as it is; each of shape (points, 2)."""
    first, last = portrait.levels[[0, -1]]

    def along(change: Records) -> list[Records]:
        return [first + (last - first) * line / (len(portrait.levels) - 1) for line in contours(change, 0.0)]

    return along(portrait.conflict), along(portrait.aggression)


def contours(values: Records, level: float) -> list[Records]:
    """Lines between larger and smaller `values`, in columns and rows."""
    return cast("list[Records]", contour_generator(z=values).lines(level))


def basins(portrait: Portrait) -> Basins:
    """Follow the arrows from everywhere, and find between which starts the ends differ."""
    axis = np.linspace(0.0, 1.0, STARTS)
    starts = np.stack(np.meshgrid(axis, axis), axis=2).reshape(-1, 2)
    ends = follow_arrows(portrait, starts)
    areas = Basins(places_of_rest(ends), ())
    labels = areas.of(ends).reshape(STARTS, STARTS)
    lines: list[Records] = []
    for number in range(len(areas.rests) - 1):
        # The last basin has no boundary that is not also one of another basin.
        crossings = contours((labels == number).astype(float), 0.5)
        lines += (between(portrait, areas, line / (STARTS - 1), number) for line in crossings)
    return Basins(areas.rests, tuple(lines))


def places_of_rest(ends: Records) -> Records:
    """Gather ends into places of rest: where many ends are, not where a few stay between two of these."""
    rests = []
    left = ends
    while len(left):
        near = np.linalg.norm(left - left[0], axis=1) < APART
        if near.sum() >= SMALLEST * len(ends):
            rests.append(np.median(left[near], axis=0))
        left = left[~near]
    return np.array(sorted(rests, key=tuple))


def between(portrait: Portrait, areas: Basins, crossings: Records, number: int) -> Records:
    """Move `crossings`, each halfway between two neighbouring starts, to where basin `number` begins."""
    at = crossings * (STARTS - 1)
    one, other = np.floor(at) / (STARTS - 1), np.ceil(at) / (STARTS - 1)
    within = (areas.of(follow_arrows(portrait, one)) == number)[:, None]
    inside, outside = np.where(within, one, other), np.where(within, other, one)
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2.0
        within = (areas.of(follow_arrows(portrait, middle)) == number)[:, None]
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    return np.asarray((inside + outside) / 2.0)
