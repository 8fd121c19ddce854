"""What is made of the findings: a page for readers, facts for programs, a paragraph for the front page.

The page and the paragraph are written from the facts, the lessons and the mechanisms alone, so that a new lesson
needs no new computation, and so that a test can tell whether they belong together.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sim.files.writing import write_whole
from sim.output import plots
from sim.parameters import CALIBRATED
from sim.studies import study as experiments
from sim.studies.report_plots import digits_of, percent, shown_number, study_figure
from sim.studies.study import EXPERIMENTS, Claim, Study, Wave, load_study
from sim.studies.validation import FACTS, Job, Outcome
from sim.studies.verdict import FOUND, LEVEL, Findings, StudyError, Verdict, judge

__all__ = [
    "PROJECT",
    "Places",
    "front_page",
    "heading",
    "held_out_studies",
    "make_report",
    "page",
    "rewrite",
    "stale_lessons",
]

ROOT = EXPERIMENTS.parent
LESSONS = EXPERIMENTS / "lessons.toml"
MECHANISMS = EXPERIMENTS / "mechanisms.json"
ACROSS_WORLDS = EXPERIMENTS / "across_worlds.json"
HELD_OUT = "held_out.toml"
UNEXPLAINED = "*Not yet explained.*"
BLOCK = re.compile(r"(<!-- validation -->\n).*?(<!-- /validation -->)", re.DOTALL)
GOALS = {
    "fitted": {"inside": 0.93},
    "unfitted": {"inside": 0.85},
    "blind figures": {"inside": 0.8},
    "blind patterns": {"right": 0.9},
}
TOLD, LEFT_OPEN = 0.5, 0.9
"""What is left of the width that was searched, in a parameter that the facts tell well, and in one they leave open."""
KINDS = {
    "fitted": "Figures that parameters were fitted to",
    "unfitted": "Figures that nothing was fitted to",
    "seen figures": "– of these, seen while the model was changed",
    "blind figures": "– of these, blind: held out until it was done",
    "patterns": "Patterns that emerge, or fail to",
    "seen patterns": "– of these, seen while the model was changed",
    "blind patterns": "– of these, blind: held out until it was done",
    "fitted patterns": "Patterns that parameters were fitted to",
    "built in": "Built in: what was put in by hand comes out",
}
APART = {"unfitted": ("seen figures", "blind figures"), "patterns": ("seen patterns", "blind patterns")}
"""Where claims count once more: those of studies that were seen, and of held-out ones. What parameters were fitted to,
and what was put in by hand, stays where it is."""
EFFECTS = {"kept": "kept", "stronger": "stronger", "weaker": "weaker", "lost": "**lost**", "absent": "absent"}
"""What switching a mechanism off does to a pattern; absent: it was not there with the mechanism either."""
MOST_WORLDS = 0.9
"""A pattern that has its sign in so many plausible worlds holds in nearly all of them."""
MOST_OCCASIONS = 8
"""Occasions of a design that are named one by one."""
Facts = dict[str, Any]
"""What ``validation.json`` holds."""


@dataclass(frozen=True)
class Places:
    """Where things are written: the page, its figures, the facts, and a front page with a paragraph of it."""

    page: Path
    images: Path
    facts: Path
    front: Path | None = None

    @classmethod
    def within(cls, folder: Path) -> Places:
        """All in one folder."""
        return cls(folder / "validation.md", folder / "images", folder / "validation.json")


PROJECT = Places(ROOT / "docs" / "validation.md", ROOT / "docs" / "images" / "validation", FACTS, ROOT / "README.md")


# --- Facts ---------------------------------------------------------------------------------------------


def heading(study: Study) -> str:
    """Title of a study with the row of the evidence table that it belongs to."""
    return f"{study.id} · {study.title}"


def facts_of(outcomes: Sequence[Outcome]) -> Facts:
    """All that was found, as plain data."""
    told: dict[str, Any] = {}
    crashed: dict[str, str] = {}
    apart = held_out_studies()
    for outcome in outcomes:
        name = outcome.job.name
        if outcome.findings is None:
            crashed[name] = outcome.error
            continue
        try:
            told[name] = facts_of_study(load_study(name), outcome.findings, name in apart)
        except StudyError as error:
            crashed[name] = str(error)
    return {
        "version": version("spiraal"),
        "repeated": max((outcome.job.studies for outcome in outcomes), default=0),
        "seconds": round(sum(study["seconds"] for study in told.values())),
        "counts": counts((verdict, study["held_out"]) for study in told.values() for verdict in verdicts_of(study)),
        "crashed": crashed,
        "studies": told,
    }


def held_out_studies() -> frozenset[str]:
    """Names of the studies that nobody looks at while the model is being changed.

    It stands here, and not beside `sim.studies.study.studies`, because no finding depends on it: what was computed is
    still good when the list is another.

    Raises
    ------
    ValueError
        When a name in the list is no study.
    """
    path = experiments.EXPERIMENTS / HELD_OUT
    names, known = tomllib.loads(path.read_text(encoding="utf-8"))["studies"], experiments.studies()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{HELD_OUT}: no such study: {', '.join(unknown)}; known are {', '.join(known)}")
    return frozenset(names)


def facts_of_study(study: Study, findings: Findings, held_out: bool) -> Facts:
    """One study, whether it was held out, its verdicts and what else was found."""
    return {
        "id": study.id,
        "title": study.title,
        "source": study.source,
        "pattern": study.pattern,
        "design": design_in_words(study),
        "notes": study.notes,
        "held_out": held_out,
        "sizes": dict(findings.sizes),
        "repeated": findings.studies,
        "failures": findings.failures,
        "errors": dict(findings.errors),
        "seconds": round(findings.seconds, 1),
        "claims": [judge(claim, findings).to_json() for claim in study.claims],
        "beside": {name: [short(found.value), short(found.p)] for name, found in findings.beside.items()},
    }


def short(x: float) -> float | None:
    """A number as it is kept."""
    return float(f"{x:.4g}") if np.isfinite(x) else None


def verdicts_of(study: Facts) -> list[Verdict]:
    """The verdicts of one study."""
    return [Verdict.from_json(claim) for claim in study["claims"]]


def every(facts: Facts) -> Iterator[tuple[str, Facts, Verdict]]:
    """All verdicts, with name and facts of their studies."""
    for name, study in facts["studies"].items():
        for verdict in verdicts_of(study):
            yield name, study, verdict


def kind_of_figure(claim: Claim) -> str:
    """In which row of the headline a published figure counts."""
    if claim.built_in:
        return "built in"
    return "fitted" if claim.role == "fit" else "unfitted"


def kind_of_pattern(claim: Claim) -> str:
    """In which row of the headline a published pattern counts."""
    if claim.built_in:
        return "built in"
    return "fitted patterns" if claim.role == "fit" else "patterns"


def counts(verdicts: Iterable[tuple[Verdict, bool]]) -> dict[str, dict[str, list[int]]]:
    """How many are as published, out of how many: by row of the headline and what is asked.

    With each verdict comes whether its study was held out.
    """
    found: dict[str, dict[str, list[int]]] = {
        kind: {question: [0, 0] for question in ("inside", "right", "found")} for kind in KINDS
    }
    for verdict, held_out in verdicts:
        figure, pattern = kind_of_figure(verdict.claim), kind_of_pattern(verdict.claim)
        for kind, question, answer in (
            (figure, "inside", verdict.inside),
            (pattern, "right", verdict.right),
            (pattern, "found", verdict.found),
        ):
            if answer is None:
                continue
            for row in {kind, APART[kind][held_out] if kind in APART else kind}:
                found[row][question][0] += answer
                found[row][question][1] += 1
    return found


# --- Words ---------------------------------------------------------------------------------------------


def design_in_words(study: Study) -> str:
    """Who is measured, when, with what, in a sentence or three."""
    design, classroom = study.design, study.design.population.classroom
    where = "the last year of kindergarten" if classroom.grade == 0 else f"grade {classroom.grade}"
    classes = "one class" if design.classes == 1 else f"{design.classes} classes"
    schools = f" in {design.schools} schools" if design.schools else ""
    who = f"{design.children:,} children of {classes}{schools} ({where}, {len(classroom.rows())} children a class)"
    which = selection_in_words(study)
    when = occasions_in_words(design.waves)
    what = listed([lowered(instrument.title) for instrument in design.instruments])
    words = f"{who}{which}, measured at {when}: {what}."
    if design.arms:
        arms = [f"{arm} ({programmes_in_words(programmes)})" for arm, programmes in design.arms.items()]
        unit = "Schools" if design.assigned == "school" else "Classes"
        words += f" {unit} are assigned at random: {listed(arms)}."
    if design.attrition:
        words += f" {percent(design.attrition)} of the children are lost from one occasion to the next."
    return words


def selection_in_words(study: Study) -> str:
    """Which children of a class."""
    chosen, words = study.design.selection, []
    if chosen.sex:
        words.append(f"{chosen.sex}s only")
    instrument = next((one for one in study.design.instruments if one.name == chosen.by), None)
    by = lowered(instrument.title) if instrument else chosen.by
    if chosen.above is not None:
        words.append(f"above the {round(100 * chosen.above)}th percentile of their class on {by}")
    if chosen.per_class is not None:
        how = f"the highest on {by} first" if chosen.highest else "chosen at random"
        words.append(f"at most {chosen.per_class} a class, {how}")
    return "".join(f", {word}" for word in words)


def occasions_in_words(waves: Mapping[str, Wave]) -> str:
    """When the occasions are; the first and the last of many."""
    told = [f"{name} ({occasion_in_words(wave)})" for name, wave in waves.items()]
    return listed(told) if len(told) <= MOST_OCCASIONS else f"{len(told)} occasions from {told[0]} to {told[-1]}"


def occasion_in_words(wave: Wave) -> str:
    """When an occasion is."""
    when = "before the first day" if wave.week == 0 else f"week {wave.week}"
    when = when if wave.day is None else f"day {wave.day} of {when}"
    return when if wave.year == 1 else f"{when} of year {wave.year}"


def programmes_in_words(programmes: Sequence[Any]) -> str:
    """What is done in an arm."""
    return listed([f"from week {one.start_week}" for one in programmes]) or "nothing"


def lowered(title: str) -> str:
    """A title within a sentence; abbreviations keep their capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def listed(words: Sequence[str]) -> str:
    """Words with commas, and "and" before the last."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def published_in_words(claim: Claim) -> str:
    """What was published: the figure, or the sign."""
    words = []
    if claim.value is not None:
        words.append(f"{claim.value:g}".replace("-", "−"))
    if claim.between is not None:
        words.append(" to ".join(f"{x:g}".replace("-", "−") for x in claim.between))
    if claim.direction is not None:
        sign = {1: "positive", -1: "negative", 0: "not significant"}[claim.direction]
        words.append(sign if claim.significant or not claim.direction else f"{sign} (no test published)")
    return ", ".join(words)


def title_in_words(study: Facts) -> str:
    """Row of the evidence table and title of a study, and whether it was held out."""
    return f"{study['id']} · {study['title']}" + (" (held out)" if study["held_out"] else "")


def standing(claim: Claim, held_out: bool) -> str:
    """Trust and role of a claim, and whether its study was held out."""
    beside = {"built in": claim.built_in, "held out": held_out}
    return ", ".join((claim.trust, claim.role, *(word for word, holds in beside.items() if holds)))


def comes_out(verdict: Verdict) -> str:
    """What comes out, in words."""
    digits, words = digits_of(verdict), []
    if verdict.inside is not None:
        words.append(f"simulated studies of that size {interval(verdict)}")
    words.append(f"{shown_number(verdict.expected, digits)} in a large sample")
    if verdict.right is False:
        words[-1] += ", **the wrong direction**"
    elif uncertain(verdict):
        words[-1] += " (not significant there)"
    if verdict.share is not None:
        kind = "not significant" if verdict.claim.direction == 0 else "found"
        words.append(f"{kind} in {percent(verdict.share)} of the studies")
    return "; ".join(words)


def uncertain(verdict: Verdict) -> bool:
    """Whether even the large sample does not tell the direction of a published pattern."""
    return bool(verdict.claim.direction) and verdict.expected_p >= LEVEL


def interval(verdict: Verdict) -> str:
    """The central 95 % of the estimates."""
    return " to ".join(shown_number(x, digits_of(verdict)) for x in (verdict.low, verdict.high))


def of(pair: Sequence[int]) -> str:
    """So many of so many."""
    return "" if not pair[1] else f"{pair[0]} of {pair[1]}"


# --- The page ------------------------------------------------------------------------------------------


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def page(facts: Facts, lessons: Mapping[str, Mapping[str, str]], beside: Mapping[str, Facts], places: Places) -> str:
    """The whole page.

    Parameters
    ----------
    facts
        What the validation found.
    lessons
        What was learned from what misses, by study and claim.
    beside
        What else was computed of the studies; see `computed_beside`.
    places
        Where things are written.
    """
    mechanisms, worlds = beside.get("mechanisms"), beside.get("worlds")
    parts = [
        "# Validation: published studies, repeated\n",
        INTRODUCTION,
        headline(facts, places),
        "## What is not as published\n",
        misses(facts, lessons),
        "## All claims\n",
        ALL_CLAIMS,
        claims_table(facts, worlds),
        "## What hangs on values that are not known\n" if worlds else "",
        worlds_in_words(facts, worlds) if worlds else "",
        "## Which mechanism makes which pattern\n" if mechanisms else "",
        mechanisms_table(mechanisms) if mechanisms else "",
        cycle(facts),
        "## Study by study\n",
        *(section(name, study, places) for name, study in facts["studies"].items()),
        "## What the facts tell about the parameters\n",
        identified(),
        "## Weak facts\n",
        weak(facts),
        "## How this was computed\n",
        computed(facts),
    ]
    return "\n".join(part for part in parts if part)


INTRODUCTION = """\
Written by `make validate`. Each published study is repeated on simulated classes: with its own design, with instruments
that err as the published ones do, with its own analysis. A study of a hundred children finds something else each time,
in the world as here. So a published *figure* is asked whether it could be one of many simulated studies of the same
size: whether it lies **inside** the interval that holds the central 95 % of them. A published *pattern* is asked
whether it has the right direction in a sample too large for luck, and how many studies of the published size **find**
it: with the published sign and, where the published finding was significant, p < .05.
"""

ALL_CLAIMS = """\
Trust A: printed in a source that was read; B: a reading of one that rests on an inference. *Fit*: parameters were
adjusted to it. *Held out*: blind, see the first table. *Interval*: the central 95 % of simulated studies of the
published size. *Large sample*: one sample of all simulated classes, as it is measured (n.s.: even there p ≥ .05).
*Latent*: such a sample without measurement error (– where the analysis is about measurement). *Found*: share of the
studies that find the pattern; of a finding that was published as not significant, share in which it is not.
*Worlds*: in how many [plausible worlds](worlds.md) one large sample has the published sign, and between what nine in
ten of them lie. ✗ marks what is not as published.
"""


def headline(facts: Facts, places: Places) -> str:
    """The counts; seen and blind apart where some studies were held out."""
    rows, parts = [], {part for both in APART.values() for part in both}
    apart = any(study["held_out"] for study in facts["studies"].values())
    for kind, title in KINDS.items():
        asked = facts["counts"][kind]
        if not any(total for _, total in asked.values()) or (kind in parts and not apart):
            continue
        cells = {question: of(asked[question]) for question in ("inside", "right", "found")}
        for question, goal in GOALS.get(kind, {}).items():
            good, total = asked[question]
            if total:
                cells[question] += f" = {percent(good / total)} (goal {percent(goal)})"
        rows.append((title, *cells.values()))
    found = f"found by ≥ {percent(FOUND)} of studies of that size"
    text = table(("", "inside the 95 % interval", "right direction in a large sample", found), rows)
    text += told_apart(facts, places)
    for name, error in facts["crashed"].items():
        text += f"\n**{name} could not be run:** {error}\n"
    return text


def told_apart(facts: Facts, places: Places) -> str:
    """What it means that studies were held out, where some were."""
    if not any(study["held_out"] for study in facts["studies"].values()):
        return ""
    file = relative(EXPERIMENTS / HELD_OUT, places.page)
    return (
        "\n*Blind*: nobody looked at these studies while the model was changed; they were drawn by lot, see "
        f"[{HELD_OUT}]({file}), which names the version that the model was changed for (what is counted here is "
        f"version {facts['version']}). Studies that were added later were seen.\n"
    )


def misses(facts: Facts, lessons: Mapping[str, Mapping[str, str]]) -> str:
    """Everything that is not as published, with what was learned from it."""
    lines, last = [], ""
    for name, study, verdict in every(facts):
        if not verdict.missed:
            continue
        if name != last:
            lines.append(f"\n**{title_in_words(study)}**\n")
            last = name
        claim = verdict.claim
        built_in = " (built in)" if claim.built_in else ""
        published = f"published {published_in_words(claim)}"
        lesson = " ".join(lessons.get(name, {}).get(claim.name, UNEXPLAINED).split())
        lines.append(f"- {claim.says}{built_in}: {published}; {comes_out(verdict)}. {lesson}")
    return "\n".join(lines).lstrip("\n") + "\n" if lines else "Nothing: every claim is as published.\n"


def claims_table(facts: Facts, worlds: Facts | None) -> str:
    """All claims."""
    headings = ("", "finding", "published", "trust, role", "interval", "percentile", "large sample", "latent", "found")
    told = {(row["study"], row["claim"]): row for row in worlds["claims"]} if worlds else {}
    rows = (
        (*claim_row(study, verdict), world_cell(told.get((name, verdict.claim.name)), digits_of(verdict)))
        for name, study, verdict in every(facts)
    )
    return table((*headings, "worlds"), rows)


def world_cell(row: Facts | None, digits: int) -> str:
    """One claim in plausible worlds."""
    if row is None:
        return ""
    low, _, high = row["quantiles"]
    span = f"{shown_number(low, digits)} to {shown_number(high, digits)}"
    return f"{row['right']} of {row['worlds']}, {span}" if "right" in row else span


def worlds_in_words(facts: Facts, worlds: Facts) -> str:
    """How many patterns hold in how many plausible worlds, and which hold in some of them only."""
    named = {(name, verdict.claim.name): (study, verdict) for name, study, verdict in every(facts)}
    rows = [row for row in worlds["claims"] if "right" in row and (row["study"], row["claim"]) in named]
    share = np.array([row["right"] / row["worlds"] for row in rows])
    text = (
        f"In {len(worlds['numbers'])} [plausible worlds](worlds.md) every study is done once, with all children of "
        f"{worlds['classes']} classes (of trials: of more). Of {len(rows)} published patterns, "
        f"{int((share >= MOST_WORLDS).sum())} have the published sign in nine of ten worlds or more, "
        f"{int((share <= 1.0 - MOST_WORLDS).sum())} in one of ten or fewer. The others hang on values that no "
        "published figure settles, or are so small that the luck of these classes decides:\n\n"
    )
    between = [row for row, x in zip(rows, share, strict=True) if 1.0 - MOST_WORLDS < x < MOST_WORLDS]
    told = []
    for row in sorted(between, key=lambda row: -row["right"] / row["worlds"]):
        study, verdict = named[row["study"], row["claim"]]
        cell = world_cell(row, digits_of(verdict))
        told.append((study["id"], verdict.claim.says, shown_number(verdict.expected, digits_of(verdict)), cell))
    return text + table(("", "finding", "values in use", "published sign in, nine in ten worlds"), told)


def claim_row(study: Facts, verdict: Verdict) -> tuple[str, ...]:
    """One claim."""
    digits, claim = digits_of(verdict), verdict.claim
    share = "" if verdict.share is None else percent(verdict.share)
    if claim.direction == 0 and verdict.share is None:
        share = "not tested"
    return (
        study["id"],
        claim.says,
        published_in_words(claim),
        standing(claim, study["held_out"]),
        interval(verdict) + cross(verdict.inside),
        "" if verdict.percentile is None else f"{verdict.percentile:.0f}",
        shown_number(verdict.expected, digits) + (" n.s." if uncertain(verdict) else "") + cross(verdict.right),
        shown_number(verdict.latent, digits),
        share + cross(verdict.found),
    )


def cross(good: bool | None) -> str:
    """A mark for what is not as published."""
    return " ✗" if good is False else ""


def section(name: str, study: Facts, places: Places) -> str:
    """One study."""
    image = relative(places.images / f"{name}.svg", places.page)
    file = relative(EXPERIMENTS / f"{name}.py", places.page)
    lines = [
        f"### {title_in_words(study)}\n",
        f"{study['source']}. [The study as a file]({file}).\n",
        f"**Design.** {study['design']}\n",
    ]
    if study["notes"]:
        lines.append(f"**Notes.** {' '.join(study['notes'].split())}\n")
    if study["errors"]:
        failed = f"The analysis failed in {study['failures']} of {study['repeated']} studies"
        errors = "; ".join(f"{what} ({count})" for what, count in study["errors"].items())
        lines.append(f"**Failures.** {failed}; they count as studies that find nothing. {errors}.\n")
    lines.append(f"![{study['id']}: {study['title']}]({image})\n")
    if study["beside"]:
        rows = [(what, found(value), found(p, 3)) for what, (value, p) in study["beside"].items()]
        title = f"Beside it: {len(rows)} further estimates from the large sample"
        small = table(("estimate", "value", "p"), rows)
        lines.append(f"<details><summary>{title}</summary>\n\n{small}\n</details>\n")
    return "\n".join(lines)


def found(x: float | None, digits: int = 2) -> str:
    """A number that may be missing."""
    if x is not None and digits == 3 and x < 0.001:
        return "< 0.001"
    return shown_number(np.nan if x is None else x, digits)


def relative(path: Path, start: Path) -> str:
    """A link from one file to another."""
    return Path(os.path.relpath(path, start.parent)).as_posix()


def weak(facts: Facts) -> str:
    """Facts of trust B, and where those of trust C are."""
    doubtful = [
        f"- {study['id']} · {verdict.claim.says}: {published_in_words(verdict.claim)}"
        for _, study, verdict in every(facts)
        if verdict.claim.trust == "B"
    ]
    text = "Commonly reported figures that nobody could check for this project (trust C) are not shown as published.\n"
    if doubtful:
        text += "These published facts are readings that rest on an inference (trust B):\n\n"
        text += "\n".join(doubtful) + "\n"
    return text


def cycle(facts: Facts) -> str:
    """What of the paths between conflict and aggression (D1) is a cycle, what is not."""
    study = facts["studies"].get("doumen_2008")
    if study is None:
        return ""
    verdicts, beside = {verdict.claim.name: verdict for verdict in verdicts_of(study)}, study["beside"]
    rows = []
    for (cause, effect), waves in CYCLE.items():
        path = f"{cause} -> {effect}"
        verdict = verdicts[f"{path} {waves}"]
        within, p = beside[f"within children, {path} {waves}"]
        caused = next(value for name, (value, _) in beside.items() if name.startswith("caused") and name.endswith(path))
        chance = "" if p is not None and p < LEVEL else " (n.s.)"
        numbers = (verdict.expected, verdict.latent, caused)
        rows.append((f"{cause}, then {effect}", *map(found, numbers), f"{found(within)}{chance}"))
    headings = ("path", "as measured", "without measurement error", "caused", "within children, as measured")
    return f"## What the paths of the vicious cycle are made of\n\n{CYCLE_TEXT}\n{table(headings, rows)}"


CYCLE = {("aggression", "conflict"): "T1 T2", ("conflict", "aggression"): "T2 T3"}
CYCLE_TEXT = """\
Two cross-lagged paths are what D1 published of the vicious cycle. In the model one can look behind them. *As measured*:
the path in a large sample. *Without measurement error*: the same model on what is there; what is lost on the way was
made by unreliable scales and by what a teacher's reports of one occasion share. *Caused*: the same children with the
same luck, once as they are and once with one standard deviation more of the cause in one child of the class, eleven
weeks later: this much, in standard deviations, is a cycle within the child. Where the path without measurement error is
larger, the rest goes with stable differences between children, whom a cross-lagged model cannot tell from those who
change. The random-intercept model is meant to tell them apart; with three waves of reports it is far from what is
caused.
"""


def identified() -> str:
    """How far the calibrated parameters are known."""
    by_share = sorted((entry["open"], name) for name, entry in CALIBRATED.items())
    told = [f"`{name}`" for share, name in by_share if share <= TOLD]
    partly = [f"`{name}`" for share, name in by_share if TOLD < share < LEFT_OPEN]
    rest = [f"`{name}`" for share, name in by_share if share >= LEFT_OPEN]
    return (
        f"{len(by_share)} parameters were adjusted to the fitted claims. How far these tell a parameter is the share "
        "of the width of what was searched that is left in the [plausible worlds](worlds.md), which fit them "
        "(intervals of all parameters are in [ODD](ODD.md#8-parameters)). Values that are left open are one choice "
        "among many that would fit as well: nothing should be read into them.\n\n"
        f"- well told (at most {percent(TOLD)} of the width is left): {', '.join(told)};\n"
        f"- told in part: {', '.join(partly)};\n"
        f"- left open ({percent(LEFT_OPEN)} or more is left): {', '.join(rest)}.\n"
    )


def computed(facts: Facts) -> str:
    """How it was computed."""
    studies = facts["studies"].values()
    classes = sum(study["sizes"]["pool_classes"] for study in studies)
    children = sum(study["sizes"]["pool_children"] for study in studies)
    return (
        f"Spiraal {facts['version']}; {len(facts['studies'])} studies, each {facts['repeated']} times in its published "
        f"size, drawn from {classes:,} simulated classes in all, of which {children:,} children take part. Computing "
        f"took {facts['seconds'] / 60.0:.0f} minutes of one core; `make validate` uses two, keeps what it has computed "
        "in `.validation/`, and after an interruption goes on from there. All luck has fixed seeds: the same version "
        "gives the same numbers. A study whose analysis fails counts as one that finds nothing. "
        "`spiraal study run` repeats one study; `spiraal study report` writes this page anew from "
        "`experiments/validation.json` and `experiments/lessons.toml`; `python experiments/mechanisms.py` switches "
        "mechanisms off.\n"
    )


def mechanisms_table(mechanisms: Facts) -> str:
    """What is left of each pattern when a mechanism is switched off, over some plausible worlds."""
    switched, asked = mechanisms["mechanisms"], len(mechanisms["numbers"])
    text = (
        f"Each mechanism is switched off by parameters, in the same {asked} [plausible worlds](worlds.md), the values "
        f"in use among them; every study is done with all children of {mechanisms['classes']} classes (of trials: of "
        "more), which have the same luck. Told is in how many of the worlds that show a pattern it is **lost** (wrong "
        "sign, less than a quarter of the effect, or not significant), weaker or stronger (by more than a quarter); –: "
        "in most of them it is kept.\n\n"
    )
    rows = [
        (
            pattern["id"],
            pattern["says"] + (" (built in)" if pattern["built_in"] else ""),
            f"{pattern['there']} of {asked}",
            *(mechanism_cell(pattern, name) for name in switched),
        )
        for pattern in mechanisms["patterns"]
    ]
    titles = [f"without {mechanism['title']}" for mechanism in switched.values()]
    text += table(("", "pattern", "there in", *titles), rows)
    settings = "; ".join(
        f"{mechanism['title']}: {', '.join(f'`{name} = {value:g}`' for name, value in mechanism['parameters'].items())}"
        for mechanism in switched.values()
    )
    return f"{text}\nSwitched off by: {settings}.\n\n{needed(mechanisms)}"


def in_most(pattern: Facts, mechanism: str) -> str:
    """What switching a mechanism off does to a pattern in most of the worlds that show it; nothing where none does."""
    without, there = pattern["without"][mechanism], pattern["there"]
    if not there:
        return ""
    lost, weaker, stronger = (without.get(effect, 0) for effect in ("lost", "weaker", "stronger"))
    if lost > there / 2:
        return "lost"
    if lost + weaker > there / 2:
        return "weaker"
    return "stronger" if stronger > there / 2 else "kept"


def mechanism_cell(pattern: Facts, mechanism: str) -> str:
    """What is left of one pattern without one mechanism."""
    effect, without = in_most(pattern, mechanism), pattern["without"][mechanism]
    if effect in {"", "kept"}:
        return "–" if effect else ""
    counted = without.get(effect, 0) + (without.get("lost", 0) if effect == "weaker" else 0)
    return f"{EFFECTS[effect]} {counted}/{pattern['there']}"


PURPOSE = "[what it is for](ODD.md#1-purpose-and-patterns)"


def needed(mechanisms: Facts) -> str:
    """How many patterns need each mechanism, of those that most worlds show; put in by hand or not."""
    shown = [pattern for pattern in mechanisms["patterns"] if pattern["there"] > len(mechanisms["numbers"]) / 2]
    lines = []
    for name, mechanism in mechanisms["mechanisms"].items():
        effects = [in_most(pattern, name) for pattern in shown]
        lost, weaker = effects.count("lost"), effects.count("weaker")
        count = f"{lost} lost, {weaker} weaker" if lost or weaker else f"none; {PURPOSE}"
        lines.append(f"- {mechanism['title']}: {count}")
    return (
        f"Of the {len(shown)} patterns that most of these worlds show, these are lost or weaker in most of the worlds "
        "that show them:\n\n" + ";\n".join(lines) + ".\n"
    )


# --- The front page ------------------------------------------------------------------------------------


def front_page(facts: Facts) -> str:
    """The paragraph for the front page."""
    asked = facts["counts"]

    def sentence(text: str, pair: Sequence[int]) -> str:
        return text.format(of(pair)) if pair[1] else ""

    parts = [
        (
            f"{len(facts['studies'])} published studies are repeated on simulated classes, with their own design, "
            f"instruments and analysis, {facts['repeated']} times each in the published size."
        ),
        sentence(
            "Of the published figures that parameters were fitted to, {} lie inside what 95 % of such studies find;",
            asked["fitted"]["inside"],
        ),
        sentence("of the figures that nothing was fitted to, {}.", asked["unfitted"]["inside"]),
        sentence(
            "Of the published patterns that were neither put in nor fitted, {} come out in the right direction,",
            asked["patterns"]["right"],
        ),
        sentence(
            f"and {{}} are found by at least {percent(FOUND)} of studies of the published size.",
            asked["patterns"]["found"],
        ),
        "Each that misses is listed, with what was learned from it, in [docs/validation.md](docs/validation.md).",
    ]
    if facts["crashed"]:
        parts.append(f"Could not be run: {', '.join(facts['crashed'])}.")
    return textwrap.fill(" ".join(filter(None, parts)), 118, break_long_words=False, break_on_hyphens=False) + "\n"


# --- Writing -------------------------------------------------------------------------------------------


def lessons_of(path: Path = LESSONS) -> dict[str, dict[str, str]]:
    """What was learned, by study and claim."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def computed_beside() -> dict[str, Facts]:
    """What was computed of the studies beside the validation: in plausible worlds, and with mechanisms switched off."""
    files = {"mechanisms": MECHANISMS, "worlds": ACROSS_WORLDS}
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.is_file()}


def stale_lessons(facts: Facts, lessons: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Lessons (study, claim) about what does not miss, or does not exist; studies that crashed are left alone."""
    missed = {(name, verdict.claim.name) for name, _, verdict in every(facts) if verdict.missed}
    known = [(name, claim) for name, told in lessons.items() if name not in facts["crashed"] for claim in told]
    return [lesson for lesson in known if lesson not in missed]


def make_report(outcomes: Sequence[Outcome], places: Places = PROJECT) -> Facts:
    """Write page, figures, facts and front page; what `outcomes` have findings for is in them.

    Returns
    -------
    dict
        The facts.
    """
    facts = facts_of(outcomes)
    places.images.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        if outcome.job.name in facts["studies"] and outcome.findings is not None:
            draw(outcome.job, outcome.findings, places.images)
    for image in places.images.glob("*.svg"):
        if image.stem not in facts["studies"]:
            image.unlink()
    written(places.facts, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    rewrite(places)
    return facts


def draw(job: Job, findings: Findings, folder: Path, formats: Sequence[str] = ("svg",)) -> None:
    """The figure of a study."""
    study = load_study(job.name)
    verdicts = [judge(claim, findings) for claim in study.claims]
    plots.save(study_figure(heading(study), verdicts, findings), folder / job.name, formats)


def rewrite(places: Places = PROJECT) -> Facts:
    """Write page and front page anew, from the facts."""
    facts: Facts = json.loads(places.facts.read_text(encoding="utf-8"))
    written(places.page, page(facts, lessons_of(), computed_beside(), places))
    if places.front is not None:
        before = places.front.read_text(encoding="utf-8")
        paragraph = front_page(facts)
        written(places.front, BLOCK.sub(lambda found: f"{found[1]}{paragraph}{found[2]}", before))
    return facts


def written(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
