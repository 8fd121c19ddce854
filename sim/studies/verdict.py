"""Verdicts: a study repeated many times on simulated classes, and what was published held against what comes out.

A study of 148 children finds something else each time, in the world as in the model. So a published figure is asked
whether it could have been one of the simulated studies of the same size; a published pattern, how many of those find
it, and whether it is there at all in a sample too large for luck.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sim.state import Records
from sim.studies.cohort import Cohort
from sim.studies.study import Claim, Estimate, Sample, Study

__all__ = ["FOUND", "LEVEL", "Findings", "StudyError", "Verdict", "judge", "pool", "repeat"]

SEED = 2026
LARGE = 1_000_000
"""Number of the large sample; studies count from 0."""
STUDIES = 500
CENTRAL = (0.025, 0.975)
LEVEL = 0.05
FOUND = 0.6
"""Share of studies of the published size that must find a pattern."""


class StudyError(Exception):
    """A study whose analysis never succeeds; the message says why."""


# --- Repeating a study ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Findings:
    """What a study finds when it is repeated.

    Attributes
    ----------
    names
        Names of the k estimates.
    values, p
        Shape (studies, k); nan in studies whose analysis failed.
    large, large_p
        In one sample of the whole cohort, as it is measured.
    latent
        The same sample as it is, without measurement; nan where the analysis needs measurement.
    beside
        Further analyses of the large sample: value and p by name.
    errors
        How often an analysis failed, by what was said; the large samples count as ``"large sample: …"`` and so on.
    failures
        Number of studies whose analysis failed.
    sizes
        ``children`` and ``classes`` of the published size, of ``pool_children`` and ``pool_classes`` in the cohort.
    seconds
        How long it took.
    """

    names: tuple[str, ...]
    values: Records
    p: Records
    large: Records
    large_p: Records
    latent: Records
    beside: Mapping[str, Estimate]
    errors: Mapping[str, int]
    failures: int
    sizes: Mapping[str, int]
    seconds: float

    @property
    def studies(self) -> int:
        """How many studies of the published size were drawn."""
        return len(self.values)

    def to_json(self) -> dict[str, Any]:
        """Plain data; what is not a number is None."""
        data = {**vars(self), "names": list(self.names), "beside": {k: list(v) for k, v in self.beside.items()}}
        return {name: plain(value) for name, value in data.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Findings:
        """The findings that `to_json` made plain."""
        numbers = {name: as_array(data[name]) for name in ("values", "p", "large", "large_p", "latent")}
        k = len(data["names"])
        numbers |= {name: numbers[name].reshape(-1, k) for name in ("values", "p")}
        beside = {name: Estimate(*(float(x) for x in as_array(pair))) for name, pair in data["beside"].items()}
        return cls(**{**data, **numbers, "names": tuple(data["names"]), "beside": beside})


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def as_array(values: Any) -> Records:
    """Numbers; None becomes nan."""
    return np.array(values, dtype=float)


def pool(study: Study) -> int:
    """Classes to draw studies from: so many that two studies of the published size have few in common."""
    return max(study.design.classes, min(max(1200, 25 * study.design.classes), 5400))


def repeat(
    study: Study,
    *,
    studies: int = STUDIES,
    classes: int | None = None,
    parameters: Mapping[str, float] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Findings:
    """Repeat a study on simulated classes.

    Parameters
    ----------
    study
        What is repeated.
    studies
        How many of the published size.
    classes
        How many classes are simulated to draw them from; `pool` by default.
    parameters
        Values that differ from the defaults.
    progress
        Is told how many studies are done.

    Raises
    ------
    StudyError
        When the analysis succeeds in none of them.
    """
    began = time.perf_counter()
    source = study.cohort(pool(study) if classes is None else classes, parameters)
    errors: Counter[str] = Counter()
    found, children = [], 0
    for number in range(studies):
        sample = draw(study, source, number)
        children += sample.table["child"].nunique()
        found.append(attempt(study.analyse, sample, errors=errors))
        if progress is not None:
            progress(number + 1)
    failures = sum(errors.values())
    names = next((tuple(estimates) for estimates in found if estimates), ())
    if not names:
        raise StudyError("; ".join(errors))
    large, latent = (draw(study, source, LARGE, large=True, truth=truth) for truth in (False, True))
    seen = attempt(study.analyse, large, errors=errors, where="large sample: ")
    true = attempt(study.analyse, latent, errors=errors, where="latent: ")
    beside = attempt(study.beside, large, latent, errors=errors, where="beside: ") if study.beside else {}
    return Findings(
        names=names,
        values=column(found, names, 0),
        p=column(found, names, 1),
        large=column([seen], names, 0)[0],
        large_p=column([seen], names, 1)[0],
        latent=column([true], names, 0)[0],
        beside=beside,
        errors=dict(errors),
        failures=failures,
        sizes={
            "children": round(children / studies),
            "classes": study.design.classes,
            "pool_children": large.table["child"].nunique(),
            "pool_classes": len(source),
        },
        seconds=time.perf_counter() - began,
    )


def draw(study: Study, source: Cohort, number: int, *, large: bool = False, truth: bool = False) -> Sample:
    """One study, always the same for the same number."""
    return study.draw(source, np.random.default_rng([SEED, number]), large=large, truth=truth)


def attempt(
    analyse: Callable[..., Mapping[str, Estimate]], *samples: Sample, errors: Counter[str], where: str = ""
) -> dict[str, Estimate]:
    """What an analysis finds; nothing, and one more error, where it fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what does not converge has no p, or counts as it is
            return {name: checked(name, estimate) for name, estimate in analyse(*samples).items()}
    except Exception as error:  # noqa: BLE001 - whatever a library cannot do with a sample
        errors[f"{where}{type(error).__name__}: {error}".splitlines()[0][:120]] += 1
        return {}


def checked(name: str, estimate: Estimate) -> Estimate:
    """The estimate, if it is one."""
    if not isinstance(estimate, tuple):
        raise TypeError(f"{name}: found {estimate!r}; allowed is an Estimate")
    return Estimate(*estimate)


def column(found: Sequence[Mapping[str, Estimate]], names: Sequence[str], place: int) -> Records:
    """Values (place 0) or p (1) of all studies, shape (studies, k)."""
    nothing = Estimate(np.nan)
    return as_array([[estimates.get(name, nothing)[place] for name in names] for estimates in found])


# --- Judging a claim -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What was published of one thing, and what comes out.

    Attributes
    ----------
    claim
        What was published.
    mean, sd
        Of the estimates in simulated studies of the published size.
    low, high
        Between which the central 95 % of these estimates lie.
    expected, expected_p
        In the large sample, as it is measured.
    latent
        In the large sample, as it is.
    missing
        Number of studies that give no estimate.
    inside
        Whether the published figure could be one of these estimates (a published range: overlaps the interval); None
        where no figure is claimed.
    percentile
        How many percent of the estimates lie below the published figure.
    covered
        Whether the large sample's value lies in the published range; None without one.
    right
        Whether the large sample's value has the published sign; None where no sign is claimed.
    share
        Share of studies that find the pattern, of all, also those without an estimate; None where no pattern is
        claimed, and where one of "not significant" is not tested.
    tested
        Whether the analysis tests the estimate at all; by direction only where it does not.
    """

    claim: Claim
    mean: float
    sd: float
    low: float
    high: float
    expected: float
    expected_p: float
    latent: float
    missing: int
    inside: bool | None = None
    percentile: float | None = None
    covered: bool | None = None
    right: bool | None = None
    share: float | None = None
    tested: bool = True

    @property
    def found(self) -> bool | None:
        """Whether enough studies of the published size find the pattern."""
        return None if self.share is None else self.share >= FOUND

    @property
    def missed(self) -> bool:
        """Whether anything is not as published."""
        return False in (self.inside, self.right, self.found)

    def to_json(self) -> dict[str, Any]:
        """Plain data, rounded."""
        return {name: rounded(plain(value)) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_json` made plain."""
        told = dict(data["claim"])
        if told["between"] is not None:
            told["between"] = tuple(told["between"])
        numbers = ("mean", "sd", "low", "high", "expected", "expected_p", "latent")
        lost = {name: np.nan for name in numbers if data[name] is None}
        return cls(**{**data, **lost, "claim": Claim(**told)})


def rounded(value: Any) -> Any:
    """A number with no more figures than anybody needs."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def judge(claim: Claim, findings: Findings) -> Verdict:
    """Hold what was published against what was found.

    Raises
    ------
    StudyError
        When the analysis does not give the estimate of that name.
    """
    if claim.name not in findings.names:
        raise StudyError(f"claim {claim.name!r}: the analysis gives only {', '.join(findings.names)}")
    k = findings.names.index(claim.name)
    values, p = findings.values[:, k], findings.p[:, k]
    known = values[np.isfinite(values)]
    low, high = (float(np.quantile(known, q)) if known.size else np.nan for q in CENTRAL)
    tested = bool(np.isfinite(p).any())
    return Verdict(
        claim=claim,
        mean=float(known.mean()) if known.size else np.nan,
        sd=float(known.std(ddof=1)) if known.size > 1 else np.nan,
        low=low,
        high=high,
        expected=float(findings.large[k]),
        expected_p=float(findings.large_p[k]),
        latent=float(findings.latent[k]),
        missing=int(values.size - known.size),
        **of_figure(claim, known, low, high, float(findings.large[k])),
        right=float(np.sign(findings.large[k])) == claim.direction if claim.direction else None,
        share=None if claim.direction is None else share_that_finds(claim, values, p, tested=tested),
        tested=tested,
    )


def of_figure(claim: Claim, known: Records, low: float, high: float, expected: float) -> dict[str, Any]:
    """Verdict on a published figure or range."""
    found: dict[str, Any] = {}
    if claim.value is not None:
        found["inside"] = low <= claim.value <= high
        if known.size:
            below = np.mean(known < claim.value) + 0.5 * np.mean(known == claim.value)
            found["percentile"] = float(100.0 * below)
    elif claim.between is not None:
        first, last = sorted(claim.between)
        found["inside"] = low <= last and high >= first
        found["covered"] = first <= expected <= last
    return found


def share_that_finds(claim: Claim, values: Records, p: Records, *, tested: bool) -> float | None:
    """Share of studies that find a pattern as it was published; what is nan finds nothing."""
    if claim.direction == 0:
        return float(np.mean(p >= LEVEL)) if tested else None
    as_published = np.sign(values) == claim.direction
    if claim.significant and tested:
        as_published &= p < LEVEL
    return float(np.mean(as_published))
