"""Draw the pictures of the documentation anew where what they show has changed.

Run by hand after the code has changed::

    python scripts/write_pictures.py            # draw those that are stale
    python scripts/write_pictures.py --again    # draw all of them
    python scripts/write_pictures.py --check    # say which are stale, and end with 1 if any is

``docs/images/made-from.json`` keeps, for each picture, a hash of what it was made from (numbers, words, looks) and one
of its file. So a picture is stale when what it shows has changed, whatever machine, browser or font draws it. Figures
of studies have their own program (`sim.studies.report`): they are drawn when the studies are repeated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from measure_power import EXAMPLE
from measure_questions import LASTING_OF, discovered, lasted, there_and_back

from sim.dashboard.choices import Choices, followed, pair_of
from sim.dashboard.picture import STATES, Shelf
from sim.dashboard.stories import stories
from sim.dashboard.words import words
from sim.files.language import use
from sim.interventions import REGISTRY
from sim.output import plots
from sim.output.tipping_folder import figure as tipping_figure
from sim.run import twins
from sim.scenario import Later, TeacherSpec, load
from sim.studies.lasting import figure as lasting_figure
from sim.studies.lasting import lasting
from sim.studies.power_report import figure as power_figure
from sim.studies.report_plots import worlds_figure
from sim.sweeps.discovery_figure import figure as discovery_figure
from sim.year.protagonist import protagonist

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
RECORD = IMAGES / "made-from.json"
DASHBOARD = ROOT / "sim" / "dashboard"
NEXT = {"same": ("#D55E00", "s"), "alike": ("#333333", "o"), "drawn": ("#0072B2", "^"), "0.9": ("#009E73", "D")}
"""Colour and mark of the next teachers."""
DIGITS = 3
"""Decimals that count: what computers differ in is far smaller, what a reader can see is larger."""


class Picture(NamedTuple):
    """A picture: what it is made from, and how it is drawn into a file; drawing tells what can be read on it."""

    made_from: Callable[[], object]
    draw: Callable[[Path], str]


class NotDrawnError(Exception):
    """A picture cannot be drawn; the message says why."""


def hashed(content: object) -> str:
    """A short name for content: the same content, the same name."""
    written = (
        content if isinstance(content, bytes) else json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    )
    return hashlib.sha256(written).hexdigest()[:16]


def rounded(numbers: Any) -> list[str]:
    """Numbers with the decimals that count; zero has no sign."""
    return [f"{number + 0.0:.{DIGITS}f}" for number in np.round(np.asarray(numbers, float).ravel(), DIGITS).tolist()]


# --- The shipped example -----------------------------------------------------------------------------


def example() -> Figure:
    """The year of the shipped example, as ``spiraal run`` draws it."""
    year = twins(load())
    with use("en"):
        return plots.trajectories(year, protagonist(year.with_))


def of_figure(figure: Callable[[], Figure]) -> Picture:
    """The picture of a figure; its words are part of what it is made from."""

    def draw(path: Path) -> str:
        path.write_bytes(plots.rendered(figure(), "png"))
        return ""

    return Picture(lambda: drawn(figure()), draw)


def drawn(figure: Figure) -> dict[str, Any]:
    """What a figure shows: its size, its words, and every line and band with its numbers and looks."""
    return {
        "size": rounded(figure.get_size_inches()),
        "words": [text.get_text() for text in figure.texts],
        "panels": [panel(axes) for axes in figure.axes],
    }


def panel(axes: Any) -> dict[str, Any]:
    """What one panel shows."""
    words = [axes.get_xlabel(), axes.get_ylabel(), *(axes.get_title(loc) for loc in ("left", "right"))]
    return {
        "words": [*words, *(text.get_text() for text in axes.texts)],
        "limits": rounded([*axes.get_xlim(), *axes.get_ylim()]),
        "lines": [
            [str(line.get_gid()), str(line.get_color()), rounded(line.get_linewidth()), rounded(line.get_xydata())]
            for line in axes.lines
        ],
        "bands": [
            [str(patch.get_gid()), rounded(patch.get_facecolor()), rounded(patch.get_path().vertices)]
            for patch in axes.patches
        ],
    }


# --- Plausible worlds --------------------------------------------------------------------------------


def worlds() -> Figure:
    """How well plausible worlds fit, as their search told."""
    told = json.loads((ROOT / "experiments" / "worlds.json").read_text(encoding="utf-8"))
    return worlds_figure(told["facts"])


# --- Several school years ----------------------------------------------------------------------------


def years() -> Figure:
    """What lasts of the programme of the shipped example, carried out once more in the third year."""
    found = lasting(load(), 60, 3, Later(TeacherSpec(), again=frozenset({3})))
    with use("en"):
        return lasting_figure(found)


# --- Power of a planned trial ------------------------------------------------------------------------


def planned() -> Figure:
    """Power of the trial of the page about it, as its simulation told."""
    told = json.loads((ROOT / "docs" / "power.json").read_text(encoding="utf-8"))["example"]
    with use("en"):
        return power_figure(EXAMPLE, pd.DataFrame(told["table"]), pd.DataFrame(told["in_worlds"]))


# --- Questions to sweeps -----------------------------------------------------------------------------


def what_tips() -> Figure:
    """Where classes tip, as the sweep of the page told."""
    with use("en"):
        return discovery_figure(discovered())


def next_teachers() -> Figure:
    """What a programme has changed, year by year and by who teaches next, as the sweep of the page told."""
    told = lasted()
    drawing = plots.new_figure("years", "What lasts of Samen-Spel, by who teaches next")
    grid = drawn_in(drawing, len(LASTING_OF))
    teachers = list(dict.fromkeys(told["teacher"]))
    for measure, axes in zip(LASTING_OF, grid, strict=True):
        plots.plain(axes)
        for place, teacher in enumerate(teachers):
            rows = told[(told["measure"] == measure) & (told["teacher"] == teacher)].sort_values("year")
            x, y = rows["year"] + 0.06 * (place - (len(teachers) - 1) / 2.0), rows["estimate"]
            reach = [y - rows["low"], rows["high"] - y]
            colour, marker = NEXT[teacher]
            axes.errorbar(x, y, yerr=reach, color=colour, marker=marker, markersize=8, linewidth=1.8, label=teacher)
        axes.axhline(0.0, color=plots.INK, linewidth=0.8)
        axes.set_xticks([1, 2, 3], labels=[f"year {year}" for year in (1, 2, 3)])
        plots.heading(axes, f"{measure}, with minus without")
    grid[0].legend(frameon=False, title="next teachers", fontsize=plots.TEXT["note"], loc="lower right")
    drawing.text(
        0.02,
        0.03,
        "The children it was for, in points of a scale of 1 to 5. Bars: 95% intervals.",
        size=plots.TEXT["note"],
        color=plots.INK,
    )
    return plots.finished(drawing)


def drawn_in(drawing: Figure, panels: int) -> list[Any]:
    """Panels side by side that share their scale."""
    grid = drawing.add_gridspec(1, panels, left=0.065, right=0.985, top=0.84, bottom=0.155, wspace=0.12)
    first = drawing.add_subplot(grid[0])
    return [first, *(drawing.add_subplot(grid[place], sharey=first) for place in range(1, panels))]


def led() -> Figure:
    """The child of the shipped example, there and back."""
    name, found = there_and_back()
    with use("en"):
        return tipping_figure(found, name)


# --- The dashboard -----------------------------------------------------------------------------------

STORY, WEEK = "one-bad-week", 20
"""What the picture of the dashboard shows: a story that has been told to its end, at one of its weeks."""
HIDDEN = {"handout-page", "loop-card", "present-tools", "room-steps", "story-end"}
HIDDEN_TEXTS = {"explore", "own", "room", "share"}
"""Parts of the page, and texts of its parts, that the picture does not show."""


def dashboard() -> dict[str, Any]:
    """What the picture of the dashboard is made from: the years, their events, the texts, and how parts look."""
    choices = Choices(scenario=STORY)
    pair, shelf = pair_of(choices), Shelf()
    followed_child = followed(choices)
    child = shelf.protagonist(pair) if followed_child is None else followed_child
    years = shelf.both(pair)
    arms, day = (years.without, years.with_), years.with_.calendar.last_day(WEEK)
    events = json.loads(shelf.story(pair, child, "en"))
    parts = dict(shown_parts())
    return {
        "lines": [rounded(record.children[state][:, child]) for record in arms for state in STATES],
        "map": [rounded(years.with_.children[state][day]) for state in STATES],
        "names": years.with_.names,
        "events": [events["without"], events["with"]],
        "texts": [texts_of(parts.values()), stories()[STORY].told("en")],
        "looks": {name: looks(source) for name, source in parts.items()},
        "style": [squeezed(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARD.rglob("*.css"))],
    }


def shown_parts() -> Iterator[tuple[str, str]]:
    """The parts of the page that can be seen, with their sources: the frame, the view, and all that they name."""
    sources = {path.stem.replace("_", "-"): path for path in DASHBOARD.rglob("*.vue")}
    waiting, seen = ["dashboard", "story-view"], set(HIDDEN)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        source = sources[name].read_text(encoding="utf-8")
        yield name, source
        waiting += [tag for tag in re.findall(r"<([a-z][a-z-]*)", source) if tag in sources]


def looks(source: str) -> str:
    """A part without its program and its comments: what it looks like."""
    return squeezed(re.sub(r"<script>.*?</script>|<!--.*?-->|/\*.*?\*/", "", source, flags=re.DOTALL))


def squeezed(text: str) -> str:
    """Text in which only words count, not how they stand."""
    return " ".join(text.split())


def texts_of(sources: Iterable[str]) -> dict[str, Any]:
    """The English texts that parts name; interventions of a plug-in, which a process may know too, are not shown."""
    known: dict[str, Any] = json.loads(words("en"))
    shipped = {name for name, kind in REGISTRY.items() if kind.__module__.startswith("sim.")}
    known["interventions"] = {name: text for name, text in known["interventions"].items() if name in shipped}
    named = set(re.findall(r"\btext\.(\w+)", " ".join(sources)))
    return {key: text for key, text in known.items() if key in named - HIDDEN_TEXTS}


def photograph(path: Path) -> str:
    """Take a picture of the dashboard in a browser."""
    sys.path.append(str(ROOT / "benchmarks" / "dashboard"))
    import browser
    from serving import running

    try:
        with running() as served, browser.opened(f"{served.address}/?scenario={STORY}") as page:
            to_the_week(page)
            page.screenshot(path=path)
            return said(page)
    except RuntimeError as error:
        raise NotDrawnError(f"{error}") from None


def to_the_week(page: Any) -> None:
    """From the first screen of the story to what the picture shows."""
    page.locator("[data-test='reveal']").click()
    page.locator("[data-test='column-year']").click()
    page.locator("[data-test='scrubber']").fill(str(WEEK))
    page.locator("[data-test='now']", has_text=f"week {WEEK} of").wait_for()
    page.locator("[data-test='scrubber']").blur()
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)


def said(page: Any) -> str:
    """All that can be read on the page."""
    return squeezed(page.locator(".spiraal").inner_text())


# --- All of them -------------------------------------------------------------------------------------

PICTURES: Mapping[str, Picture] = {
    "trajectories.png": of_figure(example),
    "worlds.png": of_figure(worlds),
    "lasting.png": of_figure(years),
    "power.png": of_figure(planned),
    "what-tips.png": of_figure(what_tips),
    "there-and-back.png": of_figure(led),
    "next-teachers.png": of_figure(next_teachers),
    "dashboard.png": Picture(dashboard, photograph),
}


def entry(name: str) -> dict[str, str]:
    """What the record should say of a picture: of what it shows now, and of its file."""
    path = IMAGES / name
    file = path.read_bytes() if path.exists() else b""
    return {"made from": hashed(PICTURES[name].made_from()), "file": hashed(file)}


def recorded() -> dict[str, dict[str, str]]:
    """What the pictures were made from."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8"))) if RECORD.exists() else {}


def stale() -> list[str]:
    """Pictures that show something else than they should, or are not those of the record."""
    record = recorded()
    return [name for name in PICTURES if not entry(name).items() <= record.get(name, {}).items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw or check every picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="draw nothing; end with 1 if a picture is stale")
    parser.add_argument("--again", action="store_true", help="draw all, also those that are not stale")
    given = parser.parse_args(arguments)
    names = list(PICTURES) if given.again else stale()
    if given.check:
        for name in names:
            print(f"docs/images/{name} is stale; run: python scripts/write_pictures.py")
        return 1 if names else 0
    for name in names:
        try:
            text = PICTURES[name].draw(IMAGES / name)
        except NotDrawnError as error:
            print(f"docs/images/{name} is left as it is: {error}", file=sys.stderr)
            return 1
        said = {"says": hashed(text)} if text else {}
        record = {**recorded(), name: {**entry(name), **said}}
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"docs/images/{name} drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
