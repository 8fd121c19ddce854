"""Classmates: acceptance, nominations, sociometric status and the sociogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import dynamics
from sim.state import Records

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "STATUSES",
    "NetworkFacts",
    "acceptance_of_all",
    "network_facts",
    "nominations",
    "sociogram",
    "status",
    "statuses",
]

LIKED_MOST = 0.35
LIKED_LEAST = -0.29


def acceptance_of_all(liking: Records) -> Records:
    """Acceptance of every child, shape (n,), 0 to 1: its mean liking by classmates."""
    return np.array([dynamics.acceptance(liking, i) for i in range(liking.shape[0])])


def nominations(liking: Records, *, above: float = LIKED_MOST, below: float = LIKED_LEAST) -> tuple[Records, Records]:
    """Whom each child would name as liked and as disliked; two boolean arrays of the same shape.

    Parameters
    ----------
    liking
        Shape (..., n, n), row who likes.
    above, below
        Liking from which a classmate is named as a playmate, or as one not to play with.
    """
    others = ~np.eye(liking.shape[-1], dtype=bool)
    return (liking >= above) & others, (liking <= below) & others


STATUSES = ("average", "popular", "rejected", "controversial", "neglected")


def status(liking: Records) -> tuple[str, ...]:
    """Sociometric status of every child; see `statuses`."""
    liked, disliked = nominations(liking)
    _, found = statuses(liked.sum(axis=0), disliked.sum(axis=0))
    return tuple(STATUSES[which] for which in found)


def statuses(liked: Records, disliked: Records) -> tuple[Records, Records]:
    """Social preference and sociometric status by the standard-score rule of Coie, Dodge & Coppotelli (1982).

    Nominations received are standardized in the class; preference is liked minus disliked, impact their sum, both
    standardized again.

    Parameters
    ----------
    liked, disliked
        Nominations received, shape (..., n).

    Returns
    -------
    tuple of ndarray
        Preference (z), and places in `STATUSES`, both shape (..., n).
    """
    like, dislike = standardized(liked), standardized(disliked)
    preference, impact = standardized(like - dislike), standardized(like + dislike)
    found = np.zeros(like.shape, dtype=int)
    found[(preference > 1) & (like > 0) & (dislike < 0)] = STATUSES.index("popular")
    found[(preference < -1) & (like < 0) & (dislike > 0)] = STATUSES.index("rejected")
    found[(impact > 1) & (like > 0) & (dislike > 0)] = STATUSES.index("controversial")
    found[(impact < -1) & (like < 0) & (dislike < 0)] = STATUSES.index("neglected")
    return preference, found


def standardized(scores: Records) -> Records:
    """Z-scores within each class (last axis); zeros where all are equal."""
    spread = scores.std(axis=-1, keepdims=True)
    z: Records = (scores - scores.mean(axis=-1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return z


@dataclass(frozen=True)
class NetworkFacts:
    """Figures of nomination networks, as published for real classes (N1).

    Attributes
    ----------
    density
        Share of classmates whom a child names.
    reciprocity
        Share of nominations that are returned.
    transitivity
        Share of two-paths i → j → k that are closed by i → k.
    same_sex
        Share of nominations within a sex.
    never_chosen
        Share of children whom nobody names.
    """

    density: float
    reciprocity: float
    transitivity: float
    same_sex: float
    never_chosen: float


def network_facts(chosen: Records, sex: Records) -> NetworkFacts:
    """Figures of the directed networks `chosen`, shape (..., n, n), pooled, for children of `sex`, shape (..., n)."""
    n = chosen.shape[-1]
    ties, paths = max(int(chosen.sum()), 1), chosen.astype(float) @ chosen.astype(float)
    paths[..., np.arange(n), np.arange(n)] = 0.0
    same = sex[..., :, None] == sex[..., None, :]
    return NetworkFacts(
        density=ties / (chosen.size // n * (n - 1)) if chosen.any() else 0.0,
        reciprocity=float((chosen & chosen.swapaxes(-1, -2)).sum() / ties),
        transitivity=float(paths[chosen].sum() / max(paths.sum(), 1.0)),
        same_sex=float(same[chosen].sum() / ties),
        never_chosen=float((chosen.sum(axis=-2) == 0).mean()),
    )


def sociogram(names: Sequence[str], liking: Records, sex: Sequence[float] | Records) -> nx.DiGraph:
    """The class as a directed graph: a node a child (name, sex, status, acceptance), an edge a nomination.

    Edges carry `kind` ("like" or "dislike") and `liking`; `mutual` says whether it is returned in kind.
    """
    import networkx as nx

    liked, disliked = nominations(liking)
    graph = nx.DiGraph()
    for i, (name, kind, accepted) in enumerate(zip(names, status(liking), acceptance_of_all(liking), strict=True)):
        graph.add_node(i, name=name, sex="boy" if sex[i] else "girl", status=kind, acceptance=round(float(accepted), 6))
    for kind, named in (("like", liked), ("dislike", disliked)):
        for i, j in zip(*np.nonzero(named), strict=True):
            graph.add_edge(int(i), int(j), kind=kind, liking=round(float(liking[i, j]), 6), mutual=bool(named[j, i]))
    return graph
