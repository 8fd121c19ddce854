"""One file to take along: what a page shows, in a page that plays without the program and without a network.

It has the components of the dashboard, the copy of Vue that the dashboard runs on, and in the place of the server a
script (``takeaway.js``) that answers from what was recorded: two years, and those of what a guided story says to try.
What is not recorded is not offered. A browser lets such a page connect to nothing, and run no script but its own.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import zipfile
from dataclasses import replace
from importlib.metadata import distribution
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from sim import __version__
from sim.dashboard.answers.circle import answer as circle
from sim.dashboard.answers.eyes import answer as eyes
from sim.dashboard.answers.loop import answer as loop
from sim.dashboard.answers.ranking import answer as ranking
from sim.dashboard.answers.years import answer as years
from sim.dashboard.choices import (
    ARMS,
    OF_STORY,
    OWN,
    STAGES,
    Choices,
    Pair,
    arrows_of,
    base_of,
    followed,
    guide_of,
    has_names,
    looked_at,
    pair_of,
    scenarios,
    school_years_of,
)
from sim.dashboard.columns import columns_of, scenarios_of
from sim.dashboard.components import PARTS, ROOT
from sim.dashboard.desk import Question, Refused
from sim.dashboard.offers import offers
from sim.dashboard.situation import situation
from sim.dashboard.words import words
from sim.files.language import LANGUAGES, Language, _, use

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from sim.dashboard.choices import Arm
    from sim.dashboard.picture import Shelf
    from sim.files.classlist import ClassList
    from sim.scenario import Scenario

__all__ = ["LARGEST", "TakeawayError", "package", "page", "steps"]

LARGEST: Final = 3_000_000
"""Bytes of a page; what a learning platform or a mailbox lets through."""

VIEWS: Final = ("story", "map", "trajectories", "grid", "circle", "data")
"""Views that need nothing but the years."""

TOPICS: Final = ("circle", "eyes", "loop")
"""Questions whose answers are recorded of all classes."""

BESIDE: Final = {"side": ("columns", "ranking"), "years": ("years",)}
"""Views of many classes, and the questions whose answers they need: they are recorded where they were looked at, or
something was chosen in them, and of those two classes alone."""

KEYS_ELSEWHERE: Final = ("V", "N", "Q")
"""Keys of a presentation for what needs the program: other luck, a vote about it, and a link."""

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "{scripts} 'unsafe-eval'",  # the page's parts are compiled in the browser
    "style-src": "'unsafe-inline'",
    "img-src": "data: blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""What such a page may load, and run: nothing from anywhere, and the scripts that it was written with."""

SCRIPT: Final = Path(__file__).with_suffix(".js")

COMPONENT: Final = re.compile(
    r"(?:<!--.*?-->\s*)?<template>(?P<template>.*)</template>\s*<script>(?P<script>.*?)</script>\s*"
    r"(?:<style>(?P<style>.*)</style>)?\s*",
    re.DOTALL,
)
"""How a component is written."""

STAND_INS: Final = """"use strict";
/* What the library below expects around it in a notebook, and does not need here. */
class Base {}
const define = (_names, make) => make({}, { DOMWidgetModel: Base, DOMWidgetView: Base, WidgetModel: Base });
window.importShim = { addImportMap() {} };
"""

DOCUMENT: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Spiraal {version}">
<title>{title}</title>
<style>
body {{ margin: 0; background: #f4f6f7; }}
#said {{ margin: 2em; font-family: system-ui, sans-serif; visibility: hidden; animation: said 0s 5s forwards; }}
@keyframes said {{ to {{ visibility: visible; }} }}
{style}
</style>
</head>
<body>
<div id="page"><p id="said">{old}</p></div>
<script type="text/plain" id="recording">{recording}</script>
<script>{library}</script>
<script>{script}</script>
</body>
</html>
"""

MANIFEST: Final = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="spiraal-{name}" version="1.0"
  xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="spiraal">
    <organization identifier="spiraal">
      <title>{title}</title>
      <item identifier="year" identifierref="page" isvisible="true">
        <title>{title}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="page" type="webcontent" adlcp:scormtype="sco" href="index.html">
      <file href="index.html"/>
    </resource>
  </resources>
</manifest>
"""  # noqa: E501 - a list of pairs, as schemas have it


class TakeawayError(Exception):
    """A page cannot be written; the message says why, to the user."""


def page(choices: Choices, shelf: Shelf, roster: ClassList | None = None, *, names: bool = False) -> bytes:
    """Write what is chosen as a page; see `steps`."""
    writing = steps(choices, shelf, roster, names=names)
    while True:
        try:
            next(writing)
        except StopIteration as end:
            return cast("bytes", end.value)


def steps(
    choices: Choices, shelf: Shelf, roster: ClassList | None = None, *, names: bool = False
) -> Generator[None, None, bytes]:
    """Write what is chosen as a page, in steps of less than a second each; returns the page.

    Parameters
    ----------
    choices
        What was chosen; the page opens with it, and can be read in both languages.
    shelf
        Where years of these classes are kept.
    roster
        The visitor's own class, if there is one.
    names
        Whether children of a class that does not come with the program keep their names; otherwise they are numbered.

    Raises
    ------
    TakeawayError
        When it would be larger than `LARGEST`.
    """
    told = opened_with(choices)
    beside = yield from record_beside(told, shelf, roster, private=has_names(told) and not names)
    for trials in (True, False):
        recording = yield from record(told, shelf, roster, beside, names=names, trials=trials)
        written = document(recording, title_of(told), told.language)
        if len(written) <= LARGEST:
            return written
    message = _("This class is too large for one file: it would have {size} MB, and at most {most} MB are allowed.")
    raise TakeawayError(message.format(size=round(len(written) / 1e6, 1), most=round(LARGEST / 1e6)))


def package(content: bytes, choices: Choices) -> bytes:
    """Pack a page for a learning platform, as SCORM 1.2: it says that it is completed when the year has been played."""
    name, title = choices.scenario or next(iter(scenarios())), html.escape(title_of(choices))
    manifest = MANIFEST.format(name=re.sub("[^A-Za-z0-9]", "-", name), title=title)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
        for file, data in (("imsmanifest.xml", manifest.encode()), ("index.html", content)):
            entry = zipfile.ZipInfo(file)  # of no time: the same files give the same bytes
            entry.external_attr = 0o644 << 16
            folder.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def title_of(choices: Choices) -> str:
    """Give the title of what was chosen."""
    name = choices.scenario or next(iter(scenarios()))
    with use(choices.language):
        title = _("Your own class") if name == OWN else scenarios()[name].titled(choices.language)
    return f"{title} · Spiraal"


class Told(NamedTuple):
    """Choices, the two classes that they make, and the number of the followed child."""

    choices: Choices
    pair: Pair
    child: int


# --- What is recorded --------------------------------------------------------------------------------------


def opened_with(choices: Choices) -> Choices:
    """Give what is looked at first: what was chosen, as far as it is there."""
    view = looked_at(choices) if looked_at(choices) in BESIDE else choices.view
    changes = {
        "view": view if view in (*VIEWS, *BESIDE) else "story",
        "mode": choices.mode if guide_of(choices) is not None else "student",
        "step": choices.step if choices.step in (*STAGES, *BESIDE) else "question",
    }
    return choices.model_copy(update=changes)


def record(
    choices: Choices,
    shelf: Shelf,
    roster: ClassList | None,
    beside: Mapping[str, Any],
    *,
    names: bool,
    trials: bool = True,
) -> Generator[None, None, dict[str, Any]]:
    """Record what is chosen as plain data; of a guided story also as it was, and with each of its `trials`.

    What is recorded `beside` it is put in: see `record_beside`.
    """
    private = has_names(choices) and not names
    told: dict[str, Told] = {}
    for one in (choices, *guided(choices, trials=trials)):
        pair = pair_of(one, roster)
        if private:
            with use(choices.language):
                pair = Pair(without_names(pair.without), pair.with_ and without_names(pair.with_))
        number = followed(one, roster)
        child = shelf.protagonist(pair) if number is None else number
        told.setdefault(json.dumps(of_story(one)), Told(one, pair, child))
        yield
    first, *_others = told.values()
    pairs: list[dict[str, Any]] = []
    for recorded in told.values():
        pairs += [(yield from record_pair(recorded, shelf, roster))]
    of_many = [view for view, topics in BESIDE.items() if beside.keys() >= {*topics}]
    views, steps = {*VIEWS, *of_many}, (*STAGES, *of_many)
    opened = {} if choices.view in views else {"view": "story"}
    opened |= {} if choices.step in steps else {"step": "question"}
    offered, standing = json.loads(offers()), situation(first.choices, first.pair, first.child, roster)
    return {
        "offers": {
            **offered,
            "views": [view for view in offered["views"] if view["name"] in views],
            "steps": steps,
            "topics": (*TOPICS, *beside),
            "recording": {
                "version": __version__,
                "seed": first.pair.without.seed,
                "story": {**dict.fromkeys(OF_STORY), **of_story(first.choices), "child": first.child},
            },
        },
        "beside": beside,
        "languages": {language: record_language(first, language, roster, trials=trials) for language in LANGUAGES},
        "in_force": {
            **{key: standing["in_force"][key] for key in ("years", "next_teacher", "again", "all_years_said")},
            "scenario": choices.scenario or next(iter(scenarios())),
            "arrows": arrows_of(choices),
            "columns": columns_of(choices, roster),
        },
        "start": {**choices.model_dump(exclude_none=True), **opened},
        "pairs": pairs,
    }


def record_language(told: Told, language: Language, roster: ClassList | None, *, trials: bool) -> dict[str, Any]:
    """Record what is said of a scenario in a language, and all other texts."""
    found = situation(spoken(told.choices, language), told.pair, told.child, roster)
    name = told.choices.scenario or found["in_force"]["scenario"]
    if found["guide"] and not trials:
        found["guide"]["trials"] = []
    return {
        "words": words_of(language),
        "scenarios": [one for one in found["scenarios"] if one["name"] == name],
        "guide": found["guide"],
        "defaults": found["defaults"],
    }


def words_of(language: Language) -> dict[str, Any]:
    """Give the texts in a language, without keys and hints for what is not here."""
    found: dict[str, Any] = json.loads(words(language))
    with use(language):
        found["chart_empty"] = _("There is only one class in this recording.")
    found["room"]["key_list"] = [one for one in found["room"]["key_list"] if one["key"] not in KEYS_ELSEWHERE]
    return found


def guided(choices: Choices, *, trials: bool) -> Iterator[Choices]:
    """Give the guided story as it was, and with each of its `trials`; nothing for a class without one."""
    guide = guide_of(choices)
    if guide is None:
        return
    as_it_was = Choices(scenario=choices.scenario, language=choices.language)
    yield as_it_was
    for trial in guide["trials"] if trials else ():
        yield Choices.read({**as_it_was.model_dump(exclude_none=True), **trial["choices"]})[0]


def of_story(choices: Choices) -> dict[str, Any]:
    """Give the choices that make classes what they are; whom one follows is no part of it."""
    found = choices.model_dump(include={*OF_STORY} - {"child"}, exclude_none=True)
    return {key: value for key, value in found.items() if value != () or key == "interventions"}


def spoken(choices: Choices, language: Language) -> Choices:
    """Give the same choices in a language."""
    return choices.model_copy(update={"language": language})


def record_pair(told: Told, shelf: Shelf, roster: ClassList | None) -> Generator[None, None, dict[str, Any]]:
    """Record two classes: their picture, what happened to each child, and the answers to what can be asked.

    What drove what is recorded of the followed child alone: of all, it would make the page twice as large.
    """
    choices, pair, child = told
    standing = situation(choices, pair, child, roster)
    picture = json.loads(shelf.picture(pair))
    yield
    children = []
    for number in range(len(picture["names"])):
        children.append(record_child(pair, number, shelf))
        yield
    loops = {}
    for arm in ARMS if pair.with_ is not None else ARMS[:1]:
        loops[arm] = record_loop(told, shelf, arm)
        yield
    asked = Question(pair, choices, child, shelf, {}, keep_nothing)
    return {
        "choices": of_story(choices),
        "child": child,
        "seed": pair.without.seed,
        **{key: standing[key] for key in ("about", "courses", "standing")},
        "picture": picture,
        "children": children,
        "circle": last(circle(asked)),
        "eyes": last(eyes(asked)),
        "loop": loops,
    }


def record_beside(
    choices: Choices, shelf: Shelf, roster: ClassList | None, *, private: bool
) -> Generator[None, None, dict[str, Any]]:
    """Record what views of many classes show, where they were looked at, and several years that a scenario has.

    Columns are called by their places.

    What cannot be computed of many classes is left out.
    """
    found: dict[str, Any] = {}
    pair = pair_of(choices, roster)
    number = followed(choices, roster)
    child = shelf.protagonist(pair) if number is None else number
    question = Question(pair, choices, child, shelf, {}, keep_nothing)
    wanted: list[tuple[str, Iterator[Mapping[str, Any]]]] = []
    if choices.view == "side" or choices.columns is not None:
        wanted.append(("ranking", ranking(question)))
    chosen = {"years", "next_teacher", "again"} & choices.model_dump(exclude_none=True).keys()
    if choices.view == "years" or chosen or base_of(choices, roster).years is not None:
        wanted.append(("years", years(replace(question, details=in_years(choices, roster)))))
    for topic, growing in wanted:
        try:
            for item in growing:
                found[topic] = dict(item)
                yield
        except Refused:
            found.pop(topic, None)
    if "ranking" not in found:
        return found
    pictures: dict[str, str] = {}
    for place, scenario in enumerate(scenarios_of(choices, child, roster)):
        with use(choices.language):
            column = without_names(scenario) if private else scenario
        pictures[str(place)] = shelf.picture(Pair(column, None))
        yield
    found["ranking"]["keys"] = [*pictures]
    return {**found, "columns": {"years": pictures}}


def in_years(choices: Choices, roster: ClassList | None) -> dict[str, Any]:
    """Give the school years that were chosen, or that the scenario has."""
    said = school_years_of(base_of(choices, roster)).model_dump()
    return {key: value if getattr(choices, key) is None else getattr(choices, key) for key, value in said.items()}


def record_child(pair: Pair, child: int, shelf: Shelf) -> dict[str, Any]:
    """Record what happened to a child, in both languages, and its contacts."""
    told = {language: json.loads(shelf.story(pair, child, language)) for language in LANGUAGES}
    return {
        "contacts": told[LANGUAGES[0]]["contacts"],
        **{language: {arm: story[arm] for arm in ARMS} for language, story in told.items()},
    }


def record_loop(told: Told, shelf: Shelf, arm: Arm) -> dict[str, Any]:
    """Record what drove what for the followed child in one of the classes; only profiles have words in them."""
    found: dict[Language, dict[str, Any]] = {}
    for language in LANGUAGES:
        asked = Question(told.pair, spoken(told.choices, language), told.child, shelf, {"arm": arm}, keep_nothing)
        with use(language):
            found[language] = last(loop(asked))
        if not found[language]["profiles"]:
            return {**found[language], "profiles": dict.fromkeys(LANGUAGES, ())}
    return {**found[LANGUAGES[0]], "profiles": {language: one["profiles"] for language, one in found.items()}}


def last(answer: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the last item of an answer."""
    *_before, item = answer
    return dict(item)


def keep_nothing(_roster: ClassList) -> None:
    """Keep no class list: nobody asks for that here."""


def without_names(scenario: Scenario) -> Scenario:
    """Give the children of a class list numbers in the place of names; everything else stays as it is."""
    roster = scenario.classroom.roster
    if roster is None:
        return scenario
    new = {row.name: _("Child {number}").format(number=number) for number, row in enumerate(roster.children, 1)}
    numbered = replace(
        roster,
        children=tuple(replace(row, name=new[row.name]) for row in roster.children),
        nominations=tuple(replace(one, who=new[one.who], whom=new[one.whom]) for one in roster.nominations),
        silent=tuple((new[who], kind) for who, kind in roster.silent),
        notes=(),
    )
    return scenario.changed(
        **{"class": scenario.classroom.model_copy(update={"roster": numbered})},
        follow=new.get(scenario.follow or ""),
        interventions=tuple(
            choice.model_copy(update={"target": tuple(new[name] for name in choice.aim().names)})
            if choice.aim().names
            else choice
            for choice in scenario.interventions
        ),
    )


# --- The page ----------------------------------------------------------------------------------------------


def document(recording: Mapping[str, Any], title: str, language: Language) -> bytes:
    """Write a page around what was recorded.

    What comes from a class is packed, and written in letters that mean nothing to a browser; only the title is text.
    """
    content = json.dumps(recording, separators=(",", ":"), ensure_ascii=False).encode()
    packed = base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")
    scripts = [harmless(library()), harmless(script())]
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts)
    with use(language):
        old = _("This page needs a browser of 2023 or later, with JavaScript.")
    return DOCUMENT.format(
        language=language,
        policy="; ".join(f"{what} {where}" for what, where in POLICY.items()).format(scripts=hashes),
        version=__version__,
        title=html.escape(title),
        style="\n".join(part["style"] or "" for part in map(taken_apart, PARTS.values())),
        old=html.escape(old),
        recording=packed,
        library=scripts[0],
        script=scripts[1],
    ).encode()


def harmless(code: str) -> str:
    """Write a script so that nothing in it ends the element that it stands in."""
    return re.sub(r"<(?=/script|!--|script)", r"\\x3c", code, flags=re.IGNORECASE)


def library() -> str:
    """Give the copy of Vue that the dashboard runs on, with its licences; as ``window.Vue``."""
    spec = find_spec("ipyvue")
    if spec is None or not spec.submodule_search_locations:
        raise TakeawayError(_('The dashboard is not installed: pip install "spiraal[app]"'))
    file = Path(spec.submodule_search_locations[0]) / "nbextension" / "index.js"
    licences = [
        file.with_name("index.js.LICENSE.txt").read_text(encoding="utf-8"),
        f"/*!\n{distribution('ipyvue').read_text('licenses/LICENSE')}*/",
    ]
    code = re.sub(r"^//# sourceMappingURL=.*", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return "\n".join((*licences, STAND_INS, code))


def script() -> str:
    """Give the components as scripts, and what answers in the place of the server."""
    parts = ",\n".join(f"{json.dumps(name)}: {as_script(part)}" for name, part in PARTS.items())
    root = as_script(ROOT.read_text(encoding="utf-8"))
    return f'"use strict";\nconst ROOT = {root};\nconst PARTS = {{\n{parts}\n}};\n{SCRIPT.read_text(encoding="utf-8")}'


def as_script(component: str) -> str:
    """Write a component as an expression."""
    part = taken_apart(component)
    code = part["script"].replace("export default", "const part =", 1)
    return f"(() => {{{code}\nreturn {{ ...part, template: {json.dumps(part['template'], ensure_ascii=False)} }} }})()"


def taken_apart(component: str) -> dict[str, str]:
    """Give template, script and style of a component."""
    found = COMPONENT.fullmatch(component)
    if found is None:
        raise ValueError(f"no component: {component[:80]!r}")
    return found.groupdict()
