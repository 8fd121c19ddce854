"""Classmates: acceptance, nominations, sociometric status and the sociogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import dynamics
from sim.state import Records

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "STATUSES",
    "ClassNetwork",
    "NetworkFacts",
    "acceptance_of_all",
    "class_network",
    "liked_by",
    "network_facts",
    "nominations",
    "sociogram",
    "status",
    "statuses",
    "turnover",
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


def liked_by(liking: Records) -> Records:
    """By how many classmates each child is named as liked, shape (..., n); liking has the shape (..., n, n)."""
    liked, _ = nominations(liking)
    return np.asarray(liked.sum(axis=-2))


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
    """Figures of the directed networks `chosen`, shape (..., n, n), pooled, for children of `sex`, shape (..., n).

    Where there is nothing to take a share of, it is zero.
    """
    parts = counted(chosen, sex)
    return NetworkFacts(**{name: float(part.sum() / max(whole.sum(), 1)) for name, (part, whole) in parts.items()})


def counted(chosen: Records, sex: Records) -> dict[str, tuple[Records, Records]]:
    """What each of the figures of `NetworkFacts` is a share of: how many, of how many; shape (...), network by network.

    All are whole numbers, so that their sums do not depend on the order of networks.
    """
    n = chosen.shape[-1]
    ties, named = chosen.sum(axis=(-2, -1)), chosen.sum(axis=-2)
    paths = chosen.astype(float) @ chosen.astype(float)
    paths[..., np.arange(n), np.arange(n)] = 0.0
    same = sex[..., :, None] == sex[..., None, :]
    return {
        "density": (ties, np.full_like(ties, n * (n - 1))),
        "reciprocity": ((chosen & chosen.swapaxes(-1, -2)).sum(axis=(-2, -1)), ties),
        "transitivity": ((paths * chosen).sum(axis=(-2, -1)), paths.sum(axis=(-2, -1))),
        "same_sex": ((chosen & same).sum(axis=(-2, -1)), ties),
        "never_chosen": ((named == 0).sum(axis=-1), np.full_like(ties, n)),
    }


class ClassNetwork(NamedTuple):
    """The network of one class, or of each of many: how it hangs together, how it has changed, who stands where.

    Every figure is a share between 0 and 1, and not a number where there is nothing to take a share of. The first
    five are the usual ones of directed networks (Wasserman & Faust 1994), as in `NetworkFacts`, of each class for
    itself: means of them over classes are not the figures of all classes together. Turnover tells how many choices do
    not last, which is how the stability of friendships is told (Poulin & Chan 2010); choices that have come are not in
    it, and with a density that stays there are as many of them. The last five add up to 1: the statuses of Coie, Dodge
    & Coppotelli (1982; see `statuses`). They are relative to the class, so that they tell how likes and dislikes are
    spread over its children, not how many there are.

    Attributes
    ----------
    network_density
        Share of classmates whom a child names as liked.
    network_reciprocity
        Share of these nominations that are returned.
    network_transitivity
        Share of two-paths i → j → k that are closed by i → k.
    network_same_sex
        Share of nominations within a sex.
    network_never_chosen
        Share of children whom nobody names.
    network_turnover
        Share of the nominations of the start (the evening before the first day) that are gone.
    share_popular, share_rejected, share_neglected, share_controversial, share_average
        Share of children of each status.
    """

    network_density: Records
    network_reciprocity: Records
    network_transitivity: Records
    network_same_sex: Records
    network_never_chosen: Records
    network_turnover: Records
    share_popular: Records
    share_rejected: Records
    share_neglected: Records
    share_controversial: Records
    share_average: Records


def class_network(liking: Records, sex: Records, start: Records) -> ClassNetwork:
    """Figures of the networks of nominations that follow from liking, each class for itself.

    Parameters
    ----------
    liking
        Shape (..., n, n), row who likes.
    sex
        Shape (..., n).
    start
        Liking on the evening before the first day, shape (..., n, n).

    Returns
    -------
    ClassNetwork
        Figures of shape (...).
    """
    liked, disliked = nominations(liking)
    _, places = statuses(liked.sum(axis=-2), disliked.sum(axis=-2))
    figures = {f"network_{name}": share(*parts) for name, parts in counted(liked, sex).items()}
    shares = {f"share_{name}": (places == place).mean(axis=-1) for place, name in enumerate(STATUSES)}
    return ClassNetwork(**figures, **shares, network_turnover=turnover(nominations(start)[0], liked))


def turnover(before: Records, now: Records) -> Records:
    """Share of the ties of networks `before` that are gone `now`; shapes (..., n, n), or such as go with each other."""
    return share((before & ~now).sum(axis=(-2, -1)), before.sum(axis=(-2, -1)))


def share(part: Records, whole: Records) -> Records:
    """How much of the whole a part is; not a number where there is no whole."""
    part, whole = np.broadcast_arrays(part, whole)
    found: Records = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)[()]
    return found


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
