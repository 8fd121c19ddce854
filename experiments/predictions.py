"""What the model predicts where nobody has measured it, as far as is known to us: three studies that could be done.

They have designs, instruments and analyses as published studies do, and no claim. ``across_worlds.py`` asks them in
plausible worlds, and ``docs/predictions.md`` says what comes out. A prediction that turns out wrong is worth as much as
one that turns out right.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sim.studies import Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import complete, correlation, moderated, multilevel, z
from sim.studies.instruments import Test, state

ABILITY = Test("ability", "Cognitive ability", "test", state("ability"), "Assumed", reliability=0.9)
ABLE = 1.0
"""Standard deviations above the mean from which children count as able."""


def changes(sample: Sample, *scores: str) -> pd.DataFrame:
    """Standardized scores in autumn, without the ending, and in summer, as ``name_later``."""
    names = {f"{score}_autumn": score for score in scores} | {f"{score}_summer": f"{score}_later" for score in scores}
    table = sample.wide.rename(columns=names)
    return z(table, *(name for name in names.values() if name in table))


def able_children(sample: Sample) -> dict[str, Estimate]:
    """What the relationship in autumn means for able children until summer, and for the others."""
    table = changes(sample, "ability", "closeness", "conflict", "engagement", "achievement", "self_academic")
    found = {
        "closeness of able children": difference(table, "closeness_later"),
        "conflict of able children": difference(table, "conflict_later"),
        "engagement of able children": difference(table, "engagement_later"),
    }
    for outcome in ("engagement", "achievement"):
        for side in ("closeness", "conflict"):
            model = f"{outcome}_later ~ {outcome} + {side} * ability"
            of = moderated(complete(table, f"{outcome}_later", outcome, side, "ability"), model, side, "ability")
            found[f"{side} -> {outcome}, able"] = of["high"]
            found[f"{side} -> {outcome}, less able"] = of["low"]
            found[f"{side} x ability -> {outcome}"] = of["interaction"]
    return found


def difference(table: pd.DataFrame, score: str) -> Estimate:
    """How much higher able children are, in standard deviations."""
    able = table.assign(able=(table["ability"] > ABLE).astype(float))
    return multilevel(complete(able, score, "able"), f"{score} ~ able", "able")["able"]


def dependency(sample: Sample) -> dict[str, Estimate]:
    """What dependency in summer comes from, and what it leads to."""
    table = changes(
        sample, "dependency", "closeness", "conflict", "aggression", "observed_regulation", "attachment",
        "sensitivity", "engagement", "achievement", "rated_liking",
    )  # fmt: skip
    causes = ("attachment", "sensitivity", "closeness", "conflict", "aggression", "observed_regulation")
    model = f"dependency_later ~ dependency + {' + '.join(causes)}"
    whole = complete(table, "dependency_later", "dependency", *causes)
    found = {f"{cause} -> dependency": one for cause, one in multilevel(whole, model, *causes).items()}
    for outcome in ("engagement", "achievement", "rated_liking", "closeness", "conflict"):
        rows = complete(table, f"{outcome}_later", outcome, "dependency")
        later = multilevel(rows, f"{outcome}_later ~ {outcome} + dependency", "dependency")
        found[f"dependency -> {outcome}"] = later["dependency"]
    return found


def teacher_and_peers(sample: Sample) -> dict[str, Estimate]:
    """What the relationship with the teacher and acceptance by classmates mean for achievement, each and together."""
    table = changes(sample, "closeness", "conflict", "rated_liking", "engagement", "achievement")
    found = {"closeness ~ acceptance": correlation(table, "closeness", "rated_liking")}
    for outcome in ("achievement", "engagement"):
        rows = complete(table, f"{outcome}_later", outcome, "closeness", "conflict", "rated_liking")
        model = f"{outcome}_later ~ {outcome} + conflict + closeness * rated_liking"
        of = moderated(rows, model, "closeness", "rated_liking")
        found[f"closeness -> {outcome}"] = of["closeness"]
        found[f"conflict -> {outcome}"] = of["conflict"]
        found[f"acceptance -> {outcome}"] = of["rated_liking"]
        found[f"closeness x acceptance -> {outcome}"] = of["interaction"]
        found[f"closeness -> {outcome}, accepted"] = of["high"]
        found[f"closeness -> {outcome}, not accepted"] = of["low"]
    return found


def design(*measures: str | Test) -> Design:
    """All children of grade 2, in autumn and in summer."""
    waves = {"autumn": Wave(9), "summer": Wave(36)}
    return Design(population=primary(2), classes=100, children=2300, waves=waves, measures=measures)


PREDICTIONS: Mapping[str, Study] = {
    "able_children": Study(
        id="able children",
        title="What the relationship does for able children",
        source="A prediction",
        design=design(ABILITY, "closeness", "conflict", "engagement", "achievement", "self_academic"),
        analyse=able_children,
        claims=(),
    ),
    "dependency_over_a_year": Study(
        id="dependency",
        title="Where dependency on the teacher comes from, and where it leads",
        source="A prediction",
        design=design(
            "dependency", "closeness", "conflict", "aggression", "observed_regulation", "attachment", "sensitivity",
            "engagement", "achievement", "rated_liking",
        ),
        analyse=dependency,
        claims=(),
    ),
    "teacher_and_peers": Study(
        id="teacher and peers",
        title="Teacher, peers and achievement",
        source="A prediction",
        design=design("closeness", "conflict", "rated_liking", "engagement", "achievement"),
        analyse=teacher_and_peers,
        claims=(),
    ),
}  # fmt: skip
