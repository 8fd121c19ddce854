"""Write the tables and sentences of the documentation that follow from the code.

Run by hand after the code has changed::

    python scripts/write_docs.py            # write them
    python scripts/write_docs.py --check    # say which are stale, and end with 1 if any is

They stand in a page between ``<!-- generated: name -->`` and ``<!-- end -->``; all else is left alone, also what
`benchmarks/bench_engine.py` measures. Pictures are drawn by `scripts/write_pictures.py`.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import distribution
from itertools import groupby
from pathlib import Path
from typing import Any

from bill_of_materials import TESTS, brought_along, licence
from measure_questions import HIGH, LASTING_OF, LOW, discovered, lasted, there_and_back

from sim import peers, population
from sim.dashboard.stories import stories
from sim.files import classlist
from sim.files.answers import KINDS
from sim.files.classlist import CHILD_COLUMNS, NOMINATION_COLUMNS, SOURCE_COLUMNS, Column
from sim.files.language import number, use
from sim.files.reading import LARGEST_TEXT
from sim.interventions import REGISTRY, Intervention
from sim.mechanisms import described, equations, fields_set
from sim.output.tipping_folder import tipping_in_words
from sim.parameters import PARAMETERS, Parameter
from sim.record import Twins
from sim.run import twins
from sim.scenario import DEFAULT, Later, load, next_teacher, shipped
from sim.school_day import CONTACT, SCHOOL_DAY, Step
from sim.state import CHILD, TEACHER, Field, to_item_mean
from sim.studies import load_study, studies
from sim.studies.lasting import lasting
from sim.studies.verdict import FOUND
from sim.sweeps.design import LARGEST_LIST, MOST_LEVELS
from sim.sweeps.discovery import limits_in_words
from sim.sweeps.plan import MOST_CELLS, MOST_CLASS_YEARS, MOST_OUTCOMES, MOST_VALUES
from sim.target import RULES
from sim.worlds import plausible
from sim.year import outcomes
from sim.year.in_worlds import in_worlds
from sim.year.protagonist import protagonist

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "paper" / "paper.md", *sorted((ROOT / "docs").glob("*.md")))
WIDTH = 118
"""Letters in a line of the front page."""
BLOCK = re.compile(r"(?P<begin><!-- generated: (?P<name>[^>]*?) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
BEGIN = "<!-- generated:"
MEASURED = ("rates", "goals", "memory", "parts", "soak")
"""Tables of what was measured, which `benchmarks/` writes."""

# What each column of a class list means: English, Dutch.
MEANINGS = {
    "name": ("name or code, different for each child", "naam of code, verschillend voor elk kind"),
    "sex": ("sex", "geslacht"),
    "age": ("age in years at the start of the school year", "leeftijd in jaren bij het begin van het schooljaar"),
    "closeness": ("closeness, STRS item mean", "nabijheid, itemgemiddelde van de LLRV"),
    "conflict": ("conflict, STRS item mean", "conflict, itemgemiddelde van de LLRV"),
    "dependency": ("dependency, STRS item mean", "afhankelijkheid, itemgemiddelde van de LLRV"),
    "aggression": ("teacher-rated aggression, item mean", "agressie volgens de leerkracht, itemgemiddelde"),
    "sdq_conduct": ("SDQ conduct problems", "SDQ gedragsproblemen"),
    "sdq_hyperactivity": ("SDQ hyperactivity", "SDQ hyperactiviteit"),
    "attachment_security": (
        "attachment security to the primary caregiver; 1 is secure",
        "gehechtheidsveiligheid met de eerste verzorger; 1 is veilig",
    ),
    "self_regulation": ("self-regulation; 1 is high", "zelfregulatie; 1 is hoog"),
    "ability": (
        "cognitive and language ability, z-score among children of this age",
        "cognitieve en talige vaardigheid, z-score onder leeftijdgenoten",
    ),
    "ses_risk": ("socio-economic risk; 1 is high", "sociaal-economisch risico; 1 is hoog"),
    "call_name": ("name by which it is called; goes before the first name", "roepnaam; gaat voor op de voornaam"),
    "first_name": ("first name", "voornaam"),
    "name_prefix": ("what stands between first and last name", "wat tussen voornaam en achternaam staat"),
    "last_name": ("last name", "achternaam"),
    "identifier": (
        "code; the name where there is no other, and what tells two children of one name apart",
        "code; de naam waar geen andere is, en wat twee kinderen met één naam onderscheidt",
    ),
    "birth_date": (
        "makes the age on 1 September of the school year",
        "geeft de leeftijd op 1 september van het schooljaar",
    ),
    "group": ("class of the child, for --group", "klas van het kind, voor --group"),
    "who": ("the child that chooses", "het kind dat kiest"),
    "whom": ("the child that is chosen", "het kind dat gekozen wordt"),
    "kind": ("like or dislike; blank is like", "graag of niet graag; leeg is graag"),
}


# --- Markdown ----------------------------------------------------------------------------------------


def cell(text: object) -> str:
    """Text that a table can hold."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(map(cell, line))} |\n" for line in lines)


def code(words: Iterable[str]) -> str:
    """Words as they stand in a file."""
    return ", ".join(f"`{word}`" for word in words)


def span(low: float, high: float, dash: str = " to ") -> str:
    """A range; numbers below zero have a true minus sign."""
    return f"{low:g}{dash}{high:g}".replace("-", "−")


def signed(number: float) -> str:
    """A number with a true minus sign."""
    return f"{number:g}".replace("-", "−")


# --- The model ---------------------------------------------------------------------------------------


def parameters() -> str:
    """Every parameter, group by group."""
    headings = ("parameter", "value", "95 % interval", "range", "unit", "meaning", "provenance", "source")
    parts = []
    for group, members in groupby(PARAMETERS.values(), key=lambda parameter: parameter.group):
        parts.append(f"\n**{group}**\n\n{table(headings, map(parameter_row, members))}")
    return "".join(parts) + "\n"


def parameter_row(entry: Parameter) -> tuple[str, ...]:
    """One parameter."""
    value, allowed = signed(entry.value), span(entry.low, entry.high)
    interval = span(*entry.interval) if entry.interval else "–"
    source = entry.source or "–"
    return f"`{entry.name}`", value, interval, allowed, entry.unit, entry.meaning, entry.provenance, source


def states(fields: Iterable[Field], *kinds: str) -> str:
    """Fields of a record that are of one of `kinds`."""
    rows = [(f"`{f.name}`", f.kind, span(f.low, f.high), f.meaning) for f in fields if f.kind in kinds]
    return table(("name", "kind", "bounds", "meaning"), rows)


def steps(order: Iterable[Step]) -> str:
    """Steps in their order."""
    return table(("", "step", "what happens"), [(n, f"`{step.name}`", step.what) for n, step in enumerate(order, 1)])


def interventions() -> str:
    """Every intervention, in its own words."""
    rows = [
        (f"`{name}`", kind.title, kind.weeks or "goes on", sessions(kind), inspect.cleandoc(kind.__doc__ or ""))
        for name, kind in REGISTRY.items()
        if kind.__module__ == Intervention.__module__
    ]
    return table(("name", "title", "weeks", "sessions a week", "what it is"), rows)


def sessions(kind: type[Intervention]) -> str:
    """Sessions a week of a programme, if it has any."""
    return "–" if kind.sessions_per_week is None else f"{kind.sessions_per_week:g}"


def rules() -> str:
    """Rules by which children can be chosen."""
    return "".join(f"- `{rule}`\n" for rule in RULES)


def marginals() -> str:
    """Distributions from which traits and starting states are drawn."""
    every = {**population.MARGINALS, **{f"teacher: {k}": m for k, m in population.TEACHER_MARGINALS.items()}}
    rows = [(f"`{name}`", shape(m), signed(m.boys), m.source or "–") for name, m in every.items()]
    return table(("variable", "distribution", "boys (±, SD)", "source"), rows)


def shape(marginal: population.Marginal) -> str:
    """A distribution in words."""
    if marginal.alpha is None or marginal.beta is None:
        return "normal, mean 0, SD 1"
    beta = f"beta({marginal.alpha:g}, {marginal.beta:g})"
    return f"1 − {beta}" if marginal.mirrored else beta


def correlations() -> str:
    """Correlations of the normal variables on the first day."""
    rows = [(f"`{a}`", f"`{b}`", signed(r)) for (a, b), r in population.CORRELATIONS.items()]
    support = [(f"`{name}`", "the teacher's `emotional_support`", signed(r)) for name, r in SUPPORT]
    return table(("variable", "with", "correlation"), [*rows, *support])


SUPPORT = tuple(population.SUPPORT_CORRELATIONS.items())


def affinities() -> str:
    """Constants of liking on the first day."""
    rows = [(f"`{name}`", signed(value)) for name, value in vars(population.AFFINITIES).items()]
    return table(("constant", "value"), rows)


def constants() -> str:
    """Other constants of the population, and the thresholds of nominations."""
    rows = (
        ("visibility: shape of its gamma distribution", population.VISIBILITY_SHAPE),
        ("visibility: boys above, girls below the mean, as a share", population.VISIBILITY_BOYS),
        ("pace: SD of its logarithm, where it is drawn", population.PACE_SPREAD),
        ("self-regulation: SD a year of age", population.AGE_SLOPE),
        ("self-regulation: age at which that is zero", population.MEAN_AGE),
        ("liking from which a classmate is nominated as liked", peers.LIKED_MOST),
        ("liking up to which a classmate is nominated as disliked", peers.LIKED_LEAST),
    )
    return table(("constant", "value"), [(what, signed(value)) for what, value in rows])


# --- The house ---------------------------------------------------------------------------------------


def floors() -> str:
    """The floors of the house, from the contract that holds imports to them; each module and room in its own words."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    rows = []
    for floor, names in enumerate(reversed(contract[0]["layers"]), 1):
        for name in names.split(" | "):
            room = ROOT / "sim" / name / "__init__.py"
            source = room if room.is_file() else ROOT / "sim" / f"{name}.py"
            words = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
            shown = f"`sim/{name}/`" if room.is_file() else f"`sim/{name}.py`"
            rows.append((floor, shown, words.split("\n\n")[0].rstrip(".").partition(" (")[0]))
    return table(("floor", "module or room", "what it is"), reversed(rows))


# --- Class lists -------------------------------------------------------------------------------------


def columns(kinds: Iterable[Column], *, dutch: bool) -> str:
    """Columns of a file: heading, other headings, what may stand in a cell, meaning."""
    rows = []
    for column in kinds:
        own, other = (column.dutch, column.english) if dutch else (column.english, column.dutch)
        also = code(own[1:]) or "–"
        rows.append((f"`{own[0]}`", also, code(other), allowed_in(column, dutch=dutch), MEANINGS[column.field][dutch]))
    if dutch:
        return table(("kolom", "ook", "Engels", "toegelaten", "betekenis"), rows)
    return table(("heading", "also", "Dutch", "allowed", "meaning"), rows)


def allowed_in(column: Column, *, dutch: bool) -> str:
    """What may stand in the cells of a column."""
    if column.is_number:
        allowed = span(column.low, column.high, " tot " if dutch else " to ")
        if column.step is None:
            return allowed
        return f"{allowed}, " + ("geheel of half" if dutch else "whole or half")
    if column.field in SIDES:
        words, sides = SIDES[column.field]
        known = {said[dutch]: [word for word in words if word and words[word] == side] for side, said in sides.items()}
        return "; ".join(f"{said}: {code(spelled)}" for said, spelled in known.items())
    if column.field == "name":
        longest = classlist.LONGEST_NAME
        return f"tekst, hoogstens {longest} tekens" if dutch else f"text of at most {longest} characters"
    return OTHER_CELLS.get(column.field, ("text", "tekst"))[dutch]


# What stands in cells that hold neither numbers nor one of two words, if it is no text.
OTHER_CELLS = {
    "birth_date": ("a date", "een datum"),
    **dict.fromkeys(("who", "whom"), ("a name of the class list", "een naam uit de klaslijst")),
}
# Columns with one of two words: their spellings, and how the two are called in English and in Dutch.
SIDES: dict[str, tuple[Mapping[str, str], dict[str, tuple[str, str]]]] = {
    "sex": (classlist.SEXES, {"boy": ("boy", "jongen"), "girl": ("girl", "meisje")}),
    "kind": (KINDS, {"like": ("like", "graag"), "dislike": ("dislike", "niet graag")}),
}


def unknown() -> str:
    """What may stand in a cell whose content is not known."""
    return code(sorted(word for word in classlist.UNKNOWN if word)) + "\n"


def limits_of_plans() -> str:
    """How large files of sweeps, and sweeps, may be."""

    def many(count: float) -> str:
        return number(count, 0)

    return (
        f"A scenario or a plan has at most {many(LARGEST_TEXT / 1e6)} MB, a list of cells {many(LARGEST_LIST / 1e6)}"
        f" MB. A key has at most {many(MOST_LEVELS)} values, a design {many(MOST_CELLS)} cells and {many(MOST_VALUES)}"
        f" values in all, a sweep {many(MOST_CLASS_YEARS)} class-years and {many(MOST_OUTCOMES)} columns of results.\n"
    )


def limits(*, dutch: bool) -> str:
    """Limits of a class list."""
    low, high, size = classlist.SMALLEST_CLASS, classlist.LARGEST_CLASS, classlist.LARGEST_FILE // 1_000_000
    if dutch:
        return f"Een klas heeft {low} tot {high} kinderen. Een bestand is hoogstens {size} MB groot.\n"
    return f"A class has {low} to {high} children. A file has at most {size} MB.\n"


# --- The front page ----------------------------------------------------------------------------------


def first_picture() -> str:
    """The picture of the shipped example, and what can be seen in it."""
    scenario = load(DEFAULT)
    year = twins(scenario)
    child, title = protagonist(year.with_), REGISTRY[scenario.interventions[0].name].title
    picture = f"![{scenario.title}: the same year without and with {title}](docs/images/trajectories.png)"
    words = f"Simulated: the shipped example, `spiraal run`. {told(year, child, title)} {in_other_classes()}"
    return f"{picture}\n\n{textwrap.fill(f'*{words}*', WIDTH, break_on_hyphens=False)}\n"


def told(year: Twins, child: int, title: str) -> str:
    """What the story of the example asks for, in two years, and what is left of it at the end."""
    story, calendar = stories()[DEFAULT], year.with_.calendar
    scores = [to_item_mean(record.children[story.measure][:, child]) for record in (year.without, year.with_)]
    day = calendar.days if story.week is None else calendar.last_day(story.week)
    without, with_, later_without, later_with = (score[at] for at in (day, -1) for score in scores)
    return (
        f"At the end of {when(story.week)} {year.with_.names[child]}'s {story.measure} is {without:.2f} on a scale of "
        f"1 to 5 without {title} and {with_:.2f} with it, in the last week {later_without:.2f} and {later_with:.2f}."
    )


def when(week: int | None) -> str:
    """A week of a year, in words."""
    return "the year" if week is None else f"week {week}"


def in_other_classes() -> str:
    """What came of it in other classes of the same scenario; tests measure it again."""
    story = stories()[DEFAULT]
    average = f"{story.average:+.2f}".replace("-", "−")
    return (
        f"In {story.classes} such classes with other luck the difference at the end of {when(story.week)} is {average} "
        f"on average, and in {story.share:.0%} of them it can be seen. [What all examples show](docs/examples.md)."
    )


# --- Examples ----------------------------------------------------------------------------------------

EXAMPLES = json.loads((ROOT / "docs" / "examples.json").read_text(encoding="utf-8"))
"""What ``scripts/choose_examples.py`` found."""


def examples(*, dutch: bool) -> str:
    """What each example shows, and in how many pairs of classes."""
    with use("nl" if dutch else "en"):
        rows = [example_row(name, told, dutch=dutch) for name, told in EXAMPLES["examples"].items()]
    if dutch:
        headings = ("voorbeeld", "wat het toont", "gebeurt in", "in die richting in", "verschil", "getoond")
    else:
        headings = ("example", "what it shows", "happens in", "in that direction in", "difference", "shown")
    return table(headings, rows)


def example_row(name: str, told: Mapping[str, Any], *, dutch: bool) -> tuple[str, ...]:
    """One example: title, point, pairs; mean difference and middle half; the pair that is shown and its difference."""
    scenario, of = load(name), "van" if dutch else "of"
    digits = 0 if told["measure"] == "liked_by" else 2
    mean, lower, upper = (difference(told[key], 1 if not digits else 2) for key in ("mean", "lower", "upper"))
    shown, middle = told["shown"], f"{lower} {'tot' if dutch else 'to'} {upper}"
    direction = "–" if told["wanted"] == "same" else f"{told['direction']} {of} {told['pairs']}"
    return (
        f"{scenario.titled('nl' if dutch else 'en')} (`{name}`)",
        told["dutch" if dutch else "english"],
        f"{told['shows']} {of} {told['pairs']}",
        direction,
        f"{mean} ({middle})",
        f"nr. {shown['number']}: {difference(shown['difference'], digits)}"
        if dutch
        else f"no. {shown['number']}: {difference(shown['difference'], digits)}",
    )


def difference(value: float, digits: int) -> str:
    """A difference with its sign, in the current language."""
    size = number(abs(value), digits)
    return size if not float(f"{value:.{digits}f}") else f"{'−' if value < 0.0 else '+'}{size}"


def not_in_most(*, dutch: bool) -> str:
    """Examples whose point cannot be seen in most pairs."""
    rare = {
        load(name).titled("nl" if dutch else "en"): told
        for name, told in EXAMPLES["examples"].items()
        if told["wanted"] != "some" and 2 * told["shows"] <= told["pairs"]
    }
    if not rare:
        return "Bij elk voorbeeld is dat zo.\n" if dutch else "Of every example that is so.\n"
    listed = "; ".join(
        f"{title} ({told['shows']} {'van' if dutch else 'of'} {told['pairs']})" for title, told in rare.items()
    )
    return f"{'Bij deze is dat niet zo' if dutch else 'Of these it is not so'}: {listed}.\n"


def beside() -> str:
    """Examples that show nothing of their own."""
    others = [name for name in shipped() if name not in EXAMPLES["examples"]]
    return "".join(f"- `{name}`: {load(name).title}\n" for name in others)


def traits(teacher: Mapping[str, float]) -> str:
    """Traits of a teacher."""
    names = {"self_efficacy": "self-efficacy"}
    return ", ".join(f"{names.get(name, name.replace('_', ' '))} {value:.2f}" for name, value in teacher.items())


def in_percent(candidates: Iterable[Sequence[Any]]) -> str:
    """Children with shares of classes, without those of hardly any."""
    return ", ".join(f"{name} ({share:.0%})" for name, *_, share in candidates if share >= RARE)


RARE = 0.05
"""A share of classes that is not listed."""


def kinds() -> str:
    """How children and teachers of the examples were chosen, with the candidates."""
    found = EXAMPLES["kinds"]
    irritated, boys, week, worn, without = (
        found[kind] for kind in ("irritated teacher", "boy of the list", "bad week", "worn-out teacher", "without help")
    )
    programmes = list(without["candidates"][0][1])
    rows = [(name, *(f"{100.0 * helped[one]:.0f}" for one in programmes)) for name, helped in without["candidates"]]
    text = f"""
**The irritated teacher.** Of {irritated["boys"]:,} boys in classes with teachers of all kinds, {irritated["stuck"]:,}
were in conflict with a teacher who felt powerless with them at the end of week 5, by the levels at which the log of a
year says so. The medians of these teachers: {traits(irritated["median"])}. In steps of .05 that is the teacher of the
examples: {traits(irritated["teacher"])}.

**The boy.** Of the boys on the class list the one with whom this teacher is stuck in most classes, by the same levels:
{in_percent(boys["candidates"])}.

**The child of the bad week.** Of the most restless children on the class list (SDQ hyperactivity
{week["sdq_hyperactivity"]:g}) the one with whom there is least conflict on the first day:
{", ".join(f"{name} ({conflict:g})" for name, conflict in week["candidates"])}.

**The worn-out teacher.** In each trait by itself nine of ten teachers are better off: {traits(worn["tenth"])}; in steps
of .05 {traits(worn["teacher"])}. Few are like that in all four, one in ten thousand.

**The child that no programme helps.** The children with whom this teacher is stuck in most classes, and in how many
classes of a hundred each programme, begun in week 6, leaves visibly less conflict at the end of the year. The one is
taken for whom the best of the programmes does least.

{table(("child", *(f"`{one}`" for one in programmes)), rows)}
"""
    return "\n" + "".join(f"{part}\n\n" for part in unwrapped(text))


def worlds_of_the_example() -> str:
    """What the shipped example does in all plausible worlds, at the end of the programme and of the year."""
    scenario = load()
    child = protagonist(twins(scenario).with_)
    found = in_worlds(scenario, range(len(plausible())), child)
    told = found.table()
    rows = [
        (
            MEASURES[row["measure"]],
            f"{row['week']:g}",
            difference(row["in_use"], 2),
            difference(row["median"], 2),
            f"{difference(row['low'], 2)} to {difference(row['high'], 2)}",
            f"{row['better']:g}",
            f"{row['visibly_better']:g}",
        )
        for row in told[told["week"].isin(found.weeks)].to_dict("records")
    ]
    heads = ("", "week", "values in use", "median", "nine in ten worlds", "better in", "by .25 or more in")
    name = scenario.classroom.rows()[child].name
    programme = REGISTRY[scenario.interventions[0].name].title
    text = f"""
{name} with {programme} and without, one class in {len(plausible())} worlds; differences in points of 1 to 5.

{table(heads, rows)}
"""
    return "\n" + "".join(f"{part}\n\n" for part in unwrapped(text))


MEASURES = {measure.name: measure.title.lower() for measure in outcomes.MEASURES}


def worlds() -> str:
    """How many plausible worlds there are, and how they fit."""
    told = json.loads((ROOT / "experiments" / "worlds.json").read_text(encoding="utf-8"))
    facts = told["facts"]
    spans = [(*fact["published"], fact["worlds"][0], fact["worlds"][2]) for fact in facts]
    covered = sum(low <= high_published and high >= low_published for low_published, high_published, low, high in spans)
    again = told["recovered"]
    found, earlier = told.get("asked_again", told["kept"]), told.get("earlier", 0)
    besides = f"; {earlier} were found by an earlier search" if earlier else ""
    later = f"; {told['kept']} fit the model of today" if found != told["kept"] else ""
    text = f"""
{told["simulated"]:,} members in {told["waves"]} waves, {told["classes"]} classes for each. {told["fitted"]} fitted, and
{found - earlier} of these still did with as many classes more{besides}{later}: they are the worlds, beside the values
in use. On classes
that nothing was chosen by they come near {told["near_facts"]:.0%} of the published figures, on average, and near
{told["near_all"]:.0%} of all goals; the values in use come near {told["in_use_near_facts"]:.0%} and
{told["in_use_near_all"]:.0%}. Of {len(facts)} published figures that
parameters are fitted to, {covered} lie within what nine in ten of the worlds show, or meet it.

Would the search find values that are known? {again["truths"]} of the worlds were taken for the truth, figures were
drawn as exactly as the published ones are known, and worlds were searched for that fit these: {again["inside"]:.0%} of
the parameters lie within what nine in ten of the worlds found say of them; 90 % would be exact.
"""
    return "\n" + "".join(f"{part}\n\n" for part in unwrapped(text))


def what_would_narrow() -> str:
    """What sizes of programmes go with over the worlds."""
    told = json.loads((ROOT / "experiments" / "across_worlds.json").read_text(encoding="utf-8"))
    names = {name: load_study(name) for name in studies()}
    says = {(name, claim.name): claim.says for name, study in names.items() for claim in study.claims}
    rows, beyond = [], 0
    for row in told["narrowing"]:
        beyond += not row["quantiles"][0] <= row["in_use"] <= row["quantiles"][2]
        low, median, high = (difference(x, 2) for x in row["quantiles"])
        known = [
            f"{says.get((study, estimate), estimate)} ({names[study].id}), {share:.0%}"
            for study, estimate, share in row["narrowed_by"]
            if share > row["by_chance"] and study in names
        ]
        study = names[row["study"]]
        effect = f"{study.id} · {study.title.split(':')[0]}: {row['effect']}"
        used, known_by = difference(row["in_use"], 2), "; ".join(known) or "nothing"
        rows.append((effect, used, median, f"{low} to {high}", known_by, f"{row['by_chance']:.0%}"))
    heads = (
        "effect, in standard deviations",
        "values in use",
        "median",
        "nine in ten worlds",
        "narrowed by",
        "by chance",
    )
    text = f"""
{len(told["numbers"])} worlds; every study with all children of {told["classes"]} classes (of trials: of three times as
many), which have the same luck in all of them. Of {len(rows)} effects the values in use show {beyond} that lie outside
of what nine in ten worlds show: worlds had to fit published figures of children and classes alone, while the values in
use were chosen among those that fit with an eye on programmes, too.

{table(heads, rows)}
"""
    return "\n" + "".join(f"{part}\n\n" for part in unwrapped(text))


def predictions() -> str:
    """What the model predicts, over the worlds."""
    sys.path.insert(0, str(ROOT / "experiments"))
    from predictions import PREDICTIONS

    told = json.loads((ROOT / "experiments" / "across_worlds.json").read_text(encoding="utf-8"))
    heads = ("estimate, standardized", "values in use", "median", "nine in ten worlds", "above 0 in")
    parts = [
        f"Asked in {len(told['numbers'])} plausible worlds, each time with all children of {told['classes']} classes."
    ]
    for name, study in PREDICTIONS.items():
        rows = [
            (
                row["estimate"].replace("->", "→").replace(" x ", " × "),
                difference(row["in_use"], 2),
                difference(row["quantiles"][1], 2),
                f"{difference(row['quantiles'][0], 2)} to {difference(row['quantiles'][2], 2)}",
                f"{row['positive']} of {row['worlds']}",
            )
            for row in told["predictions"]
            if row["study"] == name
        ]
        parts += [
            f"## {study.title}",
            " ".join((study.analyse.__doc__ or "").split()),
            table(heads, rows),
            study.notes,
        ]
    return "\n" + "".join(f"{part}\n\n" for part in parts if part)


YEARS, PAIRS = 3, 60
"""School years of the table of what lasts, and pairs of classes behind it."""


def what_lasts() -> str:
    """What is left of the programme of the shipped example, by who teaches next."""
    scenario, rows = load(DEFAULT), []
    for word in ("drawn", "alike", "0.9", "same"):
        found = lasting(scenario, PAIRS, YEARS, Later(next_teacher(word)))
        told = found.table.set_index(["measure", "year"])
        for measure in ("conflict", "aggression"):
            ends = told.loc[measure, ["difference", "low", "high"]].to_numpy()
            cells = ["{} ({} to {})".format(*(difference(value, 2) for value in end)) for end in ends]
            rows.append((f"`{word}`" if measure == "conflict" else "", measure, *cells))
    return table(["next teachers", "of", *(f"year {year}" for year in range(1, YEARS + 1))], rows)


def who_teaches_next() -> str:
    """What the programme of the plan has changed at the end of each year, by who teaches next."""
    told = lasted()
    heads, rows = ["next teachers", "of", *(f"year {year}" for year in sorted(set(told["year"])))], []
    for teacher in dict.fromkeys(told["teacher"]):
        for measure in LASTING_OF:
            years = told[(told["teacher"] == teacher) & (told["measure"] == measure)].sort_values("year")
            ends = years[["estimate", "low", "high"]].to_numpy()
            cells = ("{} ({} to {})".format(*(difference(value, 2) for value in end)) for end in ends)
            rows.append((f"`{teacher}`" if measure == LASTING_OF[0] else "", measure, *cells))
    return f"{table(heads, rows)}\nThe first {told['pairs'].min():,} classes of each cell of the plan.\n"


def what_tips() -> str:
    """The box of the classes that tip, and how well each factor tells them."""
    found = discovered()
    (box,) = found.boxes.to_dict("records")
    of_all = found.remarks[0].removesuffix(" are as asked.")
    said = (
        f"{of_all} tip. In the box {box['density']:.0%} do; where it is looked for in one half of the cells and tried "
        f"on the other, {box['density_unseen']:.0%}. It has {box['mass']:.0%} of all cells, and "
        f"{box['coverage']:.0%} of all classes that tip."
    )
    limits = [
        (f"`{row['factor']}`", limits_in_words(row), quasi(row["quasi_p"]), f"{row['reproduced']:.0%}")
        for row in found.limits.to_dict("records")
    ]
    telling = [
        (f"`{row['factor']}`", *(interval(row, name) for name in ("ks", "score")))
        for row in found.drivers.to_dict("records")
    ]
    luck = found.drivers.iloc[0]
    heads = ("factor", f"Kolmogorov–Smirnov (luck: {luck['ks_luck']:.2f})", f"trees (luck: {luck['score_luck']:.2f})")
    return f"{said}\n\n{table(('factor', 'in the box', 'quasi-p', 'again'), limits)}\n{table(heads, telling)}"


def quasi(p: float) -> str:
    """A quasi-p-value."""
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def interval(row: Mapping[Any, Any], name: str) -> str:
    """An estimate and its interval."""
    return f"{row[name]:.2f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})"


def led() -> str:
    """Where the child of the shipped example tips and comes back."""
    name, found = there_and_back()
    best, worst, peak = found.there[0], found.there[-1], max(found.there, key=lambda rest: rest.gain)
    asked = f"spiraal tipping --low {LOW:g} --high {HIGH:g} --steps {len(found.there)}"
    return (
        f"*Simulated: `{asked}`.* {tipping_in_words(found, name)} "
        f"At {best.level:.1f} conflict rests at {best.conflict:.2f} on a scale of 1 to 5, at {worst.level:.1f} at "
        f"{worst.conflict:.2f}. On the way there the loop gain rises from {best.gain:.3f} a week to "
        f"{peak.gain:.3f} at {peak.level:.3f}, and falls where conflict has leapt.\n"
    )


POWER = json.loads((ROOT / "docs" / "power.json").read_text(encoding="utf-8"))
"""What ``scripts/measure_power.py`` found."""


def power_example() -> str:
    """Power of the trial that the page shows, by number of classes; how many it takes."""
    found = POWER["example"]
    worlds = found["table"][0]["worlds"]
    heads = ("classes", "children", "power", "95 % interval", "*d*", "SE", "formula")
    rows = [
        (
            row["classes"],
            f"{row['children']:g}",
            f"{row['power']:.0%}",
            f"{row['low']:.0%} to {row['high']:.0%}",
            difference(row["effect"], 2),
            number(row["error"], 2),
            f"{row['formula']:.0%}",
            f"{row['mean_of_worlds']:.0%}",
            f"{row['reached']} of {row['worlds']}",
        )
        for row in found["table"]
    ]
    classes, low, high = found["needed"]
    needed = (
        f"Power of 80 % from about {classes} classes on (95 % interval: {low} to {high or 'more than there are'}). "
        f"Given the pre-test, {found['intraclass']:.0%} of the variance of the post-test lies between classes; "
        f"pre-test and post-test correlate {number(found['correlation'], 2)}."
    )
    text = f"""
{table((*heads, f"mean of {worlds} worlds", "80 % in"), rows)}

{needed}
"""
    return "\n" + "".join(f"{part}\n\n" for part in unwrapped(text))


def power_plans() -> str:
    """Power of other plans with as many classes."""
    rows = [
        (
            name,
            f"{row['children']:g}",
            f"{row['power']:.0%} ({row['low']:.0%} to {row['high']:.0%})",
            difference(row["effect"], 2),
            number(row["error"], 2),
            "–" if row["intraclass"] is None else number(row["intraclass"], 2),
        )
        for name, row in POWER["plans"].items()
    ]
    return table(("", "children", "power (95 % interval)", "*d*", "SE", "ICC"), rows)


def power_without_effect() -> str:
    """How often analyses find something where nothing is there."""
    ours, theirs = POWER["studies"]
    rows = [(row["classes"], f"{row['by means']:.1%}", f"{row['by class']:.1%}") for row in POWER["without effect"]]
    heads = ("classes", f"means of classes ({ours:,} trials)", f"standard errors by class ({theirs:,} trials)")
    return table(heads, rows)


def equations_of_the_model() -> str:
    """The equations that a mechanism may replace: what each is, and what it sets."""
    rows = []
    for name, equation in equations().items():
        signature, what = described(name)
        rows.append((f"`{signature}`", what, code(sorted(fields_set(equation))) or "–"))
    return table(("equation", "what it is", "sets"), rows)


def mechanisms_compared() -> str:
    """What the mechanisms of the page lead to, as ``scripts/measure_mechanisms.py`` found it."""
    told = json.loads((ROOT / "docs" / "mechanisms.json").read_text(encoding="utf-8"))

    def change(found: Sequence[float], digits: int) -> str:
        return f"{difference(found[1], digits)} to {difference(found[2], digits)}"

    rows = []
    for name, found in told["mechanisms"].items():
        levels = [number(found["level"][what][0], 2) for what in found["level"]]
        changes = [f" ({change(found['change'][what], 3)})" if name != "none" else "" for what in found["level"]]
        effects = [f"{difference(one[0], 2)} ({change(one, 2)})" for one in found["programme"].values()]
        title = "as it is" if name == "none" else f"`{name}`"
        rows.append((title, *map("".join, zip(levels, changes, strict=True)), *effects))
    heads = ("mechanism", "conflict", "aggression", "acceptance", "programme: conflict", "programme: aggression")
    about = (
        f"*Simulated: {told['child']} in {told['pairs']} pairs of classes of the shipped example with the same luck, "
        "on a scale of 1 to 5. At the end of the year without Samen-Spel: means, and in brackets the 95 % interval of "
        "the change that the mechanism makes in the same classes; acceptance from 0 to 1. Programme: what Samen-Spel "
        f"changes by the end of week {told['week']}, with its interval.*"
    )
    return f"{table(heads, rows)}\n{about}\n"


def libraries() -> str:
    """What a plain installation and each extra ask for: library, licence, what for."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    told = tomllib.loads(project)["project"]
    groups = {"": told["dependencies"], **told["optional-dependencies"]}
    rows = []
    for extra, wanted in groups.items():
        for line in wanted if extra != TESTS else ():
            name = re.split(r"[<>=!~\[ ;]", line)[0]
            why, *_more = re.findall(rf'"{re.escape(line)}",\s+# (.*)', project)
            rows.append((name, licence(distribution(name)), why, code([extra]) if extra else ""))
    return table(("library", "licence", "what for", "extra"), rows)


def brought() -> str:
    """What the libraries bring along, by licence; only what does so on every version of Python."""
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    everywhere = set(re.findall(r"^([\w.-]+)==[^ ;\n]+$", pins, re.MULTILINE))
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = told["optional-dependencies"].keys() - {TESTS}
    asked = {line for extra in extras for line in told["optional-dependencies"][extra]} | {*told["dependencies"]}
    direct = {re.split(r"[<>=!~\[ ;]", line)[0].lower() for line in asked}
    found: dict[str, list[str]] = {}
    for name in sorted((brought_along(extras).keys() & everywhere) - direct):
        found.setdefault(licence(distribution(name)), []).append(name)
    return table(("licence", "libraries"), ((name, ", ".join(found[name])) for name in sorted(found, key=str.lower)))


def paper_validation() -> str:
    """How far published findings come out, for the paper; the parts are those of the report."""
    facts = json.loads((ROOT / "experiments" / "validation.json").read_text(encoding="utf-8"))
    asked = facts["counts"]

    def of(kind: str, question: str) -> str:
        return "{} of {}".format(*asked[kind][question])

    text = f"""
    {len(facts["studies"])} published studies are repeated on simulated classes, with their own design, instruments
    and analysis, {facts["repeated"]} times each in the published size. Of the published figures that parameters were
    fitted to, {of("fitted", "inside")} lie inside what 95 % of such studies find; of those that nothing was fitted to,
    {of("unfitted", "inside")}; and of those that were held out until the model was done,
    {of("blind figures", "inside")}. Of the patterns that were neither put in nor fitted, {of("patterns", "right")}
    come out in the right direction ({of("blind patterns", "right")} of those held out), and
    {of("patterns", "found")} are found by at least {FOUND:.0%} of studies of the published size. Every miss is listed
    in the documentation, with what was learned from it.
    """
    return "\n" + textwrap.fill(" ".join(text.split()), WIDTH, break_on_hyphens=False) + "\n\n"


def commands() -> str:
    """Every command, in its own words."""
    from typer import Context
    from typer.cli import get_docs_for_click
    from typer.main import get_command

    from sim.cli.commands import app

    top = get_command(app)
    told = get_docs_for_click(obj=top, ctx=Context(top, info_name="spiraal"), indent=1, name="spiraal")
    told = re.sub(r"^\* `--help`: .*\n", "", told, flags=re.MULTILINE)
    told = re.sub(r"\*\*Commands\*\*:\n\n(\* .*\n)+\n", "", told)  # each has a heading of its own, and its whole text
    return "\n" + told.replace("**Options**:\n\n\n", "")


def unwrapped(text: str) -> Iterable[str]:
    """Paragraphs in one line each; tables as they are."""
    for part in text.strip().split("\n\n"):
        yield part if part.startswith("|") else " ".join(part.split())


# --- Pages -------------------------------------------------------------------------------------------


def ratings_found_again() -> str:
    """How well what is known is found again, as ``scripts/measure_fit.py`` found it."""
    told = json.loads((ROOT / "docs" / "fit.json").read_text(encoding="utf-8"))
    rows = [
        (count, number(one["told"], 1), percent(one["inside"]), f"`{one['best']}`", percent(one["gone"]))
        for count, one in told["together"].items()
    ]
    heads = ("classes", f"parameters told, of {told['parameters']}", "inside", "told best", "variance gone")
    about = (
        "*Simulated: classes of 20, rated on closeness, conflict and aggression in weeks 2, 18 and 34. 90 % intervals "
        f"hold the true scores of {told['children']} children on {percent(told['states'])} of the evenings, and the "
        f"true means of their classes on {percent(told['means'])}. The table: worlds that were left out, "
        f"{told['left_out']} in turn; inside: how many of their parameters the 90 % intervals hold.*"
    )
    return f"{about}\n\n{table(heads, rows)}"


def percent(share: float) -> str:
    """A share, in per cent."""
    return f"{number(100.0 * share, 0)} %"


GENERATED: dict[str, Callable[[], str]] = {
    "ratings found again": ratings_found_again,
    "first picture": first_picture,
    "parameters": parameters,
    "child": lambda: states(CHILD, "trait", "state"),
    "teacher": lambda: states(TEACHER, "trait", "state", "class"),
    "levers": lambda: states((*CHILD, *TEACHER), "lever"),
    "floors": floors,
    "equations": equations_of_the_model,
    "mechanisms compared": mechanisms_compared,
    "commands": commands,
    "paper validation": paper_validation,
    "school day": lambda: steps(SCHOOL_DAY),
    "contact": lambda: steps(CONTACT),
    "interventions": interventions,
    "rules": rules,
    "marginals": marginals,
    "correlations": correlations,
    "affinities": affinities,
    "constants": constants,
    "child columns": lambda: columns(CHILD_COLUMNS, dutch=False),
    "nomination columns": lambda: columns(NOMINATION_COLUMNS, dutch=False),
    "kolommen kinderen": lambda: columns(CHILD_COLUMNS, dutch=True),
    "kolommen nominaties": lambda: columns(NOMINATION_COLUMNS, dutch=True),
    "source columns": lambda: columns(SOURCE_COLUMNS, dutch=False),
    "bronkolommen": lambda: columns(SOURCE_COLUMNS, dutch=True),
    "unknown": unknown,
    "examples": lambda: examples(dutch=False),
    "voorbeelden": lambda: examples(dutch=True),
    "not in most": lambda: not_in_most(dutch=False),
    "niet in de meeste": lambda: not_in_most(dutch=True),
    "beside": beside,
    "kinds": kinds,
    "worlds": worlds,
    "worlds of the example": worlds_of_the_example,
    "what would narrow": what_would_narrow,
    "predictions": predictions,
    "what lasts": what_lasts,
    "what tips": what_tips,
    "who teaches next": who_teaches_next,
    "there and back": led,
    "power example": power_example,
    "power plans": power_plans,
    "power without effect": power_without_effect,
    "libraries": libraries,
    "brought along": brought,
    "limits of plans": limits_of_plans,
    "limits": lambda: limits(dutch=False),
    "grenzen": lambda: limits(dutch=True),
}


class PageError(Exception):
    """A page cannot be written; the message says why."""


def written(page: Path) -> tuple[str, list[str]]:
    """The text of a page with its tables as the code has them, and the names of those that were stale."""
    stale = []

    def block(found: re.Match[str]) -> str:
        name = found["name"]
        if name in MEASURED:
            return found[0]
        if name not in GENERATED:
            raise PageError(f"{page.name}: found table {name!r}; allowed are {', '.join(GENERATED)}")
        new = f"{found['begin']}{GENERATED[name]()}{found['end']}"
        if new != found[0]:
            stale.append(name)
        return new

    text = page.read_text(encoding="utf-8")
    new = BLOCK.sub(block, text)
    if len(BLOCK.findall(text)) != text.count(BEGIN):
        raise PageError(f"{page.name}: a generated table has no <!-- end -->, or one begins within another")
    return new, stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check every page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a table is stale")
    check = parser.parse_args(arguments).check
    found = False
    try:
        for page in PAGES:
            text, stale = written(page)
            for name in stale:
                print(f"{page.name}: {name} {'is stale' if check else 'written'}")
            if stale and not check:
                page.write_text(text, encoding="utf-8", newline="\n")
            found = found or bool(stale)
    except PageError as error:
        print(error, file=sys.stderr)
        return 2
    if check and found:
        print("run: python scripts/write_docs.py")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
