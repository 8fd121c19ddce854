"""N3 · Classmates rated by classmates, three years running (Maassen, Van Boxtel & Goossens 2005).

In eight Dutch classes every child rated every other one from 1 (dislike very much) to 7 (like very much), at 9, 10 and
11 years. Figures are computed from the data: how much is liked and disliked, what of it lies in who rates, in who is
rated and in the two of them, how far likings are returned, and what is left of them a year later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sim.state import Records
from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.instruments import INSTRUMENTS

YEARS = ("T1", "T2", "T3")
LIKED, DISLIKED = 6.0, 2.0
"""Ratings from which on, and up to which, a classmate counts as liked and as disliked."""
SIZE = 24


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Figures of each year, and from one year to the next, averaged over the years."""
    years = [ratings(sample, year) for year in YEARS]
    figures = [of_one_year(classes) | same_sex(classes, sample) for classes in years]
    figures += [from_year_to_year(before, after) for before, after in pairwise(years)]
    names = dict.fromkeys(name for found in figures for name in found)
    return {name: Estimate(float(np.mean([found[name] for found in figures if name in found]))) for name in names}


def ratings(sample: Sample, year: str) -> list[Records]:
    """Ratings of each class, shape (n, n): row who rates; nan for a child itself."""
    wide = sample.wide.sort_values("child")
    return [
        np.array([row.replace("-", "nan").split() for row in of_class], dtype=float)
        for _, of_class in wide.groupby("classroom")[f"rated_liking_given_{year}"]
    ]


def of_one_year(classes: Sequence[Records]) -> dict[str, float]:
    """Shares, variance components and reciprocity; what is missing (nan) is left out."""
    every = np.concatenate([given[np.isfinite(given)] for given in classes])
    liked = np.concatenate([received(given, given >= LIKED) for given in classes])
    disliked = np.concatenate([received(given, given <= DISLIKED) for given in classes])
    rater, target, whole = np.average(
        [components(given) for given in classes], axis=0, weights=[np.isfinite(given).sum() for given in classes]
    )
    pairs = np.concatenate([returned(given) for given in classes])
    return {
        "disliked": float((every <= DISLIKED).mean()),
        "liked": float((every >= LIKED).mean()),
        "rater": float(rater / whole),
        "target": float(target / whole),
        "dyad": float(1.0 - (rater + target) / whole),
        "reciprocity": float(np.corrcoef(pairs.T)[0, 1]),
        "liked x disliked": float(np.corrcoef(liked, disliked)[0, 1]),
    }


def received(given: Records, which: Records) -> Records:
    """Share of the ratings that each child is given of which it is true."""
    return np.asarray(np.nanmean(np.where(np.isfinite(given), which, np.nan), axis=0))


def components(given: Records) -> tuple[float, float, float]:
    """Variance of a class that lies between raters, between those who are rated, and in all."""
    n, off = len(given), given - np.nanmean(given)
    rater, target, whole = together(off, 1), together(off, 0), float(np.nanmean(off**2))
    of_mean = (rater + target) / n  # the class's own mean takes a little of all three
    return rater + of_mean, target + of_mean, whole + of_mean


def together(off: Records, axis: int) -> float:
    """Mean product of two ratings of one row (axis 1) or column (axis 0)."""
    known = np.isfinite(off)
    values, m = np.where(known, off, 0.0), known.sum(axis=axis)
    products = values.sum(axis=axis) ** 2 - (values**2).sum(axis=axis)
    return float(products.sum() / (m * (m - 1)).sum())


def returned(given: Records) -> Records:
    """Both ratings of each pair, in both orders; shape (pairs, 2)."""
    both = np.stack([given, given.T], axis=2)[~np.eye(len(given), dtype=bool)]
    return np.asarray(both[np.isfinite(both).all(axis=1)])


def same_sex(classes: Sequence[Records], sample: Sample) -> dict[str, float]:
    """How much higher children of one's own sex are rated."""
    boy = sample.wide.sort_values("child").groupby("classroom")["boy"]
    within, between = [], []
    for given, (_, of_class) in zip(classes, boy, strict=True):
        same, known = np.equal.outer(of_class.to_numpy(), of_class.to_numpy()), np.isfinite(given)
        within.append(given[same & known])
        between.append(given[~same & known])
    return {"same sex": float(np.concatenate(within).mean() - np.concatenate(between).mean())}


def from_year_to_year(before: Sequence[Records], after: Sequence[Records]) -> dict[str, float]:
    """How far ratings, and standing in class, are the same a year later."""
    pairs = np.concatenate(list(both_years(before, after)))
    standing = np.concatenate([[np.nanmean(one, axis=0) for one in two] for two in zip(before, after, strict=True)], 1)
    return {
        "dyad a year later": float(np.corrcoef(pairs.T)[0, 1]),
        "standing a year later": float(np.corrcoef(standing)[0, 1]),
        "liked stays liked": float((pairs[pairs[:, 0] >= LIKED, 1] >= LIKED).mean()),
    }


def both_years(before: Sequence[Records], after: Sequence[Records]) -> Iterator[Records]:
    """What each child gave each classmate in both years; shape (pairs, 2)."""
    for one, other in zip(before, after, strict=True):
        both = np.stack([one, other], axis=2)
        yield both[np.isfinite(both).all(axis=2)]


def fit(name: str, says: str, low: float, high: float) -> Claim:
    """A claim whose figure differs between the three years."""
    return Claim(name, says, between=(low, high), role="fit")


STUDY = Study(
    id="N3",
    title="Classmates rated in three school years",
    source="Maassen, Van Boxtel & Goossens 2005, J Appl Dev Psychol 26:51; computed from the data",
    design=Design(
        population=primary(4, size=SIZE),
        classes=8,
        children=8 * SIZE,
        waves={"T1": Wave(24), "T2": Wave(24, year=2), "T3": Wave(24, year=3)},
        measures=(replace(INSTRUMENTS["rated_liking"], keep_items=True),),  # type: ignore[call-arg]
    ),
    analyse=analyse,
    claims=(
        fit("disliked", "Classmates who are disliked", 0.064, 0.070),
        fit("liked", "Classmates who are liked", 0.26, 0.31),
        Claim("rater", "Share of the variance that lies in who rates", 0.10, role="fit"),
        Claim("target", "Share of the variance that lies in who is rated", 0.18, role="fit"),
        Claim("dyad", "Share of the variance that lies in the two of them, with error", 0.71, role="fit"),
        fit("reciprocity", "Correlation of the two ratings of a pair", 0.41, 0.49),
        Claim("same sex", "Children of one's own sex are rated higher", 0.9, direction=1, role="fit"),
        fit("liked x disliked", "Correlation of being liked and being disliked", -0.53, -0.43),
        fit("dyad a year later", "Correlation of the ratings of a pair with those a year later", 0.52, 0.56),
        fit("standing a year later", "Correlation of standing in class with that a year later", 0.73, 0.81),
        fit("liked stays liked", "Those who are liked who are liked a year later", 0.55, 0.62),
    ),
    notes=(
        "Ranges are the lowest and highest of the three years, or of the two pairs of years. Liked are ratings of 6 "
        "and 7, disliked of 1 and 2; the scale is fixed by what nominations mean in the model, and the reliability of "
        "a single rating (.8) is assumed. A standing is the mean of the ratings that a child is given. The real "
        "classes had 17 to 30 children, of whom a few came and went, here they have 24 who stay; week of the year is "
        "assumed. The data do not say who is a boy: the figure for children of one's own sex is as it was told to us."
    ),
)
