"""Figures show what the run gave, can be read, survive any name, and are the same files every time."""

from __future__ import annotations

import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim import peers
from sim.files.language import Language, use
from sim.output import plots
from sim.record import Record, Twins
from sim.run import twins
from sim.scenario import ClassSpec, HolidaySpec, InterventionChoice, Scenario
from sim.state import to_item_mean
from sim.year import dyad

HOSTILE = (
    "$x^2$",
    "<img onerror=alert(1)>",
    "👩\u200d👧 Zoë 🦄",
    "W" * 60,
    r"$\frac{$",
    "$",
    "\u202emE\u0301",
    "a\tb\nc",
    "字",
    "{name}",
)
CHILD = 3
SCORES = {"Warmth": 0.8, "Sensitivity": 0.35, "Anger": 0.2, "Helplessness": 0.0}


def year(size: int, *, helped: bool = True) -> Twins:
    """A short year of a class; Samen-Spel starts in its second week."""
    choices = (
        InterventionChoice(name="samen-spel", target="highest conflict", start_week=2),
        InterventionChoice(name="support-coaching", start_week=3),
    )
    return twins(
        Scenario(
            classroom=ClassSpec(size=size),
            weeks=4,
            holidays=(HolidaySpec(after_week=2, weeks=1),),
            interventions=choices if helped else (),
            seed=7,
        )
    )


@pytest.fixture(scope="module")
def run() -> Twins:
    return year(25)


@pytest.fixture(scope="module")
def small() -> Twins:
    return year(4)


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    """Whatever warns is wrong: a glyph that the font lacks, a contour that does not exist."""
    with warnings.catch_warnings(), use("en"):
        warnings.simplefilter("error")
        yield


FIGURES: dict[str, Callable[[Twins, int], Figure]] = {
    "trajectories": plots.trajectories,
    "sociograms": lambda run, _child: plots.sociograms(run.with_),
    "sociograms of one": lambda run, child: plots.sociograms(run.with_, child),
    "phase portrait": lambda run, child: plots.phase_portrait(run.without, child),
    "first evening": lambda run, child: plots.phase_portrait(run.without, child, 0),
    "grids": plots.state_space_grids,
    "grid": lambda run, child: plots.state_space_grids(run.without, child),
    "profile": lambda run, child: plots.profile_figure(SCORES, run.without.names[child]),
}


def part(artist: Artist, gid: str) -> list[Any]:
    """What was drawn under a name, in order."""
    return artist.findobj(lambda found: found.get_gid() == gid)


def named(run: Twins, names: tuple[str, ...]) -> Twins:
    """The same run with other names."""
    return Twins(replace(run.without, names=names), replace(run.with_, names=names))


def texts(figure: Figure) -> list[Text]:
    """All texts that can be seen."""
    return [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_visible() and text.get_text()]


# -- Every figure


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("size", [4, 25])
def test_all_texts_are_inside_the_figure(
    run: Twins, small: Twins, kind: str, language: Language, size: int, tmp_path: Path
) -> None:
    year_of_class = run if size == len(run.without.names) else small
    with use(language):
        figure = FIGURES[kind](year_of_class, CHILD)
    figure.draw_without_rendering()
    for text in texts(figure):
        box = text.get_window_extent()
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
    for path in plots.save(figure, tmp_path / "figure"):
        assert path.stat().st_size > 5_000


@pytest.mark.parametrize("kind", FIGURES)
def test_any_name_is_shown_as_it_is_typed(run: Twins, small: Twins, kind: str, tmp_path: Path) -> None:
    everyone = kind.startswith("sociograms")
    year_of_class = named(run, HOSTILE + run.without.names[len(HOSTILE) :]) if everyone else named(small, HOSTILE[:4])
    for child in (0,) if everyone else range(3):
        figure = FIGURES[kind](year_of_class, child)
        assert not any(text.get_parse_math() for text in figure.findobj(Text) if isinstance(text, Text))
        _png, svg = plots.save(figure, tmp_path / "figure")
        tree = ET.parse(svg)
        assert not [element for element in tree.iter() if element.tag.endswith(("img", "script"))]
        if everyone:
            shown = {plots.shown(name, 12) for name in year_of_class.without.names}
            assert shown <= {text.get_text() for text in texts(figure)}
        else:
            assert any(plots.shown(HOSTILE[child]) in text.get_text() for text in texts(figure))


def test_names_are_one_short_line_of_known_characters() -> None:
    assert plots.shown("Zoë") == "Zoë"
    assert plots.shown("Zoe\u0308") == "Zoë"
    assert plots.shown("$x^2$") == "$x^2$"
    assert plots.shown("a\tb\n c") == "a b c"
    assert plots.shown("\u202eEmma\u200d") == "Emma"
    assert plots.shown("字🦄") == "字🦄"
    assert plots.shown("👩\u200d👧 \u200d Zoë\u200d") == "👩\u200d👧 Zoë"
    assert plots.shown("W" * 60, 12) == "W" * 11 + "…"
    assert plots.shown("Marie Antoinette", 7) == "Marie…"
    assert plots.shown("क्षत्रिय", 3) == "क्ष…", "a vowel stays with its consonant"
    assert plots.shown("👩\u200d👧👩\u200d👧👩\u200d👧", 2) == "👩\u200d👧…"


def test_a_number_is_called_a_child(small: Twins) -> None:
    figure = plots.trajectories(named(small, ("01", "02", "03", "04")), 0)
    assert any(text.get_text().startswith("Child 01 ") for text in texts(figure))


@pytest.mark.parametrize("kind", FIGURES)
def test_the_same_figure_gives_the_same_bytes(small: Twins, kind: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        plots.save(FIGURES[kind](small, CHILD), tmp_path / folder / "figure", plots.FORMATS)
    for ending in plots.FORMATS:
        one, two = (tmp_path / folder / f"figure.{ending}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_figure_keeps_its_language(small: Twins, tmp_path: Path) -> None:
    with use("nl"):
        figure = plots.trajectories(small, CHILD)
        plots.save(figure, tmp_path / "dutch")
    plots.save(figure, tmp_path / "later")
    assert (tmp_path / "dutch.svg").read_bytes() == (tmp_path / "later.svg").read_bytes()
    assert "0,5" in {text.get_text() for text in texts(figure)}
    assert "0.5" in {text.get_text() for text in texts(plots.trajectories(small, CHILD))}


def test_many_can_draw_at_the_same_time(small: Twins, tmp_path: Path) -> None:
    def draw(name: str) -> None:
        plots.save(plots.trajectories(small, CHILD), tmp_path / name, ("svg",))

    threads = [threading.Thread(target=draw, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_importing_the_module_does_not_import_matplotlib() -> None:
    code = "import sys, sim.output.plots; print([name for name in ('matplotlib', 'networkx') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- Trajectories


def test_lines_are_the_record(run: Twins) -> None:
    figure = plots.trajectories(run, CHILD)
    for name in plots.LINE_STYLES:
        lines = part(figure, name)
        assert len(lines) == 2
        for line, record in zip(lines, (run.without, run.with_), strict=True):
            values = record.children[name][:, CHILD]
            expected = values if name == "aggression" else to_item_mean(values)
            assert np.array_equal(line.get_ydata(), expected)
            assert line.get_color() == plots.LINE_STYLES[name].colour
        (thin,) = part(figure, f"{name}-thin")
        assert np.array_equal(thin.get_ydata(), lines[0].get_ydata())
    assert len({style.colour for style in plots.LINE_STYLES.values()}) == 3
    assert len({style.dashes for style in plots.LINE_STYLES.values()}) == 3


def test_bands_stand_where_holidays_and_interventions_are(run: Twins) -> None:
    figure = plots.trajectories(run, CHILD)
    holidays = {(band.get_x(), band.get_x() + band.get_width()) for band in part(figure, "holiday")}
    assert holidays == {(2.0, 3.0)}
    (line, _other) = part(figure, "conflict")
    weeks = line.get_xdata()
    assert weeks[0] == 0
    assert weeks[10] == 2.0
    assert weeks[20] == 5.0
    starts = sorted({round(band.get_x(), 9) for band in part(figure, "programme")})
    assert starts == [round(float(weeks[day]) - 1 / 7, 9) for day in (6, 11)]
    assert {band.get_x() + band.get_width() for band in part(figure, "programme")} == {5.0}


def test_without_interventions_there_is_one_column() -> None:
    figure = plots.trajectories(year(4, helped=False), CHILD)
    assert len(figure.axes) == 2
    assert len(part(figure, "conflict")) == 1
    assert not part(figure, "programme")


def test_labels_at_the_lines_do_not_overlap(run: Twins) -> None:
    met = replace(run.with_, children=run.with_.children.copy())
    met.children["closeness"][-1] = met.children["conflict"][-1]
    figure = plots.trajectories(Twins(met, met), CHILD)
    figure.draw_without_rendering()
    labels = [text for text in texts(figure) if "\n" in text.get_text()]
    assert len(labels) == 6
    for one, other in combinations(labels, 2):
        assert not one.get_window_extent().overlaps(other.get_window_extent())


# -- Sociograms


def test_there_is_an_arrow_for_every_nomination(run: Twins) -> None:
    figure = plots.sociograms(run.with_, CHILD)
    for axes, day in zip(figure.axes[:2], (0, -1), strict=True):
        liking = run.with_.liking[day].astype(float)
        for kind, nominated in zip(("like", "dislike"), peers.nominations(liking), strict=True):
            drawn = set()
            for patch in axes.patches:
                gid = patch.get_gid() or ""
                if gid.startswith(f"{kind}-"):
                    _kind, i, j, *mutual = gid.split("-")
                    drawn |= {(int(i), int(j))} | ({(int(j), int(i))} if mutual else set())
            assert drawn == set(map(tuple, np.argwhere(nominated).tolist()))
        alone = peers.nominations(liking)[0].sum(axis=0) == 0
        assert sum(line.get_gid() == "unchosen" for line in axes.lines) == alone.sum()


@pytest.mark.parametrize("size", [2, 4, 25, 40])
def test_names_in_a_sociogram_do_not_overlap(run: Twins, small: Twins, size: int) -> None:
    known = {25: run, 4: small}
    record = (known.get(size) or year(size)).without
    record = replace(record, names=tuple(f"Maximilian {i:02d}"[: 13 if size <= 25 else 6] for i in range(size)))
    figure = plots.sociograms(record)
    figure.draw_without_rendering()
    names = [[part(axes, f"name-{child}")[0] for child in range(size)] for axes in figure.axes[:2]]
    for at_start, at_end in zip(*names, strict=True):
        assert at_start.get_position() == at_end.get_position()
    boxes = [name.get_window_extent() for name in names[0]]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_every_status_has_its_looks(run: Twins) -> None:
    assert set(peers.status(run.without.liking[-1].astype(float))) <= set(plots.STATUS_STYLES)
    styles = plots.STATUS_STYLES.values()
    assert len({style.fill for style in styles}) == len({style.sign for style in styles}) == len(styles)


# -- Phase portrait


@pytest.mark.parametrize("day", [0, 7, 20])
def test_the_path_is_the_record_up_to_the_day(run: Twins, day: int) -> None:
    figure = plots.phase_portrait(run.without, CHILD, day)
    children = run.without.children[: day + 1, CHILD]
    ((path,), (start,), (here,)) = (part(figure, gid) for gid in ("path", "start", "here"))
    assert np.array_equal(path.get_xdata(), to_item_mean(children["conflict"]))
    assert np.array_equal(path.get_ydata(), children["aggression"])
    assert start.get_ydata()[0] == children["aggression"][0]
    assert here.get_ydata()[0] == children["aggression"][-1]


def test_nullclines_are_where_nothing_changes(run: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    levels = np.linspace(0.02, 0.98, 9)
    slope = np.broadcast_to(0.5 - levels, (9, 9))
    field = dyad.Portrait(levels, slope, np.full((9, 9), -0.1))
    monkeypatch.setattr(dyad, "portrait", lambda *_: field)
    figure = plots.phase_portrait(run.without, CHILD)
    (nullcline,) = part(figure, "nullcline-conflict")
    assert np.allclose(nullcline.get_paths()[0].vertices[:, 0], 3.0)
    assert not part(figure, "nullcline-aggression")
    assert any("nowhere" in text.get_text() for text in texts(figure))


# -- State-space grids


def counted(axes: Any) -> np.ndarray[Any, Any]:
    """The numbers in the cells of a grid."""
    counts = np.zeros((5, 5), dtype=int)
    for text in axes.texts:
        if (text.get_gid() or "").startswith("count-") and text.get_text():
            row, column = map(int, text.get_gid().split("-")[1:])
            counts[row, column] = int(text.get_text().replace(",", ""))
    return counts


def test_numbers_in_the_grids_are_the_contacts(run: Twins) -> None:
    figure = plots.state_space_grids(run, CHILD)
    for axes, record in zip(figure.axes, (run.without, run.with_), strict=True):
        contacts = record.contacts[record.contacts["child"] == CHILD]
        assert counted(axes).sum() == len(contacts)
        assert np.array_equal(counted(axes), dyad.state_space_grid(contacts).counts)


def test_a_child_without_contacts_has_an_empty_grid(small: Twins) -> None:
    record: Record = replace(small.without, contacts=small.without.contacts[:0])
    assert counted(plots.state_space_grids(record, CHILD).axes[0]).sum() == 0


# -- Profile


def test_bars_are_the_scores_on_the_scale() -> None:
    figure = plots.profile_figure(SCORES, "Emma")
    bars = part(figure, "score")
    assert [bar.get_x() + bar.get_width() for bar in bars] == pytest.approx([1 + 4 * x for x in SCORES.values()])
    assert [bool(bar.get_hatch()) for bar in bars] == [False, False, True, True]
    figure = plots.profile_figure(SCORES, "Emma", negative=["Warmth"])
    assert [bool(bar.get_hatch()) for bar in part(figure, "score")] == [False, False, False, True]


# -- Files


def test_another_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    figure = plots.profile_figure(SCORES, "Emma")
    with pytest.raises(ValueError, match="'gif'; allowed are png, svg, pdf"):
        plots.save(figure, tmp_path / "figure", ("png", "gif"))
    assert not list(tmp_path.iterdir())


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plots.profile_figure(SCORES, "Emma")
    (path,) = plots.save(figure, tmp_path / "week 1.5", ("svg",))
    assert path.name == "week 1.5.svg"
    before = path.read_bytes()

    def fail(*_paths: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        plots.save(plots.profile_figure(SCORES, "Noah"), tmp_path / "week 1.5", ("svg",))
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before
