"""Names of every writing are drawn with the fonts of this computer; what none of them has is told, without warnings."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from sweeps import command, spiraal, surroundings

from sim.files.language import use
from sim.output import fonts, plots
from sim.record import Twins
from sim.run import twins
from sim.scenario import ClassSpec, Scenario

OURS = ("Zoë", "Łukasz", "Ноа", "Σωτήρης", "محمد", "שרה")
"""Names that the font of all figures has."""
WRITINGS = (*OURS, "देवनागरी", "佳佳", "민준", "さくら", "አበበ", "ไทย", "👩\u200d👧🦄")
CHINESE = "佳田"


def made_font(path: Path, characters: str, family: str = "Made Sans") -> None:
    """Write a font in which these characters are black squares."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(corner)
    pen.closePath()
    glyph = pen.glyph()
    names = [".notdef", *(f"u{ord(one):X}" for one in characters)]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(one): name for one, name in zip(characters, names[1:], strict=True)})
    font.setupGlyf(dict.fromkeys(names, glyph))
    font.setupHorizontalMetrics(dict.fromkeys(names, (800, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": family, "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(path)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder of this computer with fonts, at first without any; whatever warns is wrong."""
    own = [entry for entry in font_manager.fontManager.ttflist if entry.fname.startswith(mpl.get_data_path())]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(path) for path in tmp_path.glob("*.[to]t?")])
    forget()
    with warnings.catch_warnings(), use("en"):
        warnings.simplefilter("error")
        yield tmp_path
    forget()


def forget() -> None:
    """Let fonts be looked for anew, as another program would."""
    fonts.found.cache_clear()
    fonts.discover.cache_clear()
    font_manager.fontManager._findfont_cached.cache_clear()


@pytest.fixture(scope="module")
def run() -> Twins:
    return twins(Scenario(classroom=ClassSpec(size=len(WRITINGS)), weeks=1, holidays=(), seed=7))


def named(run: Twins, names: tuple[str, ...]) -> Twins:
    return Twins(replace(run.without, names=names), replace(run.with_, names=names))


def test_names_that_our_font_has_want_no_other() -> None:
    assert {family for name in OURS for family in fonts.families(name)} == {fonts.FONT}
    assert fonts.notice(OURS) == ""


@pytest.mark.parametrize("name", WRITINGS)
def test_every_name_is_drawn_and_stands_in_the_text_of_a_figure(
    run: Twins, name: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    year = named(run, (name, *WRITINGS[1:]))
    for figure in (plots.trajectories(year, 0), plots.sociograms(year.with_, 0)):
        png, svg, pdf = plots.save(figure, folder / "figure", plots.FORMATS)
        assert min(path.stat().st_size for path in (png, pdf)) > 5_000
        assert name in svg.read_text(encoding="utf-8")
    assert caplog.records == []


def test_a_font_that_was_installed_since_is_used_for_what_it_has(folder: Path) -> None:
    assert fonts.families(CHINESE) == [fonts.FONT, fonts.BOXES]
    assert fonts.families("Zoë") == [fonts.FONT]
    made_font(folder / "made.ttf", CHINESE)
    (folder / "broken.ttf").write_bytes(b"no font")
    forget()
    assert fonts.families(CHINESE) == [fonts.FONT, "Made Sans"]
    assert fonts.families("佳민") == [fonts.FONT, "Made Sans", fonts.BOXES]
    assert fonts.families("Zoë") == [fonts.FONT]
    assert fonts.notice(["佳佳", "Zoë", "田中"]).startswith("No font of this computer has 田中: pictures")


def test_the_best_of_several_fonts_is_used_and_none_of_colours(folder: Path) -> None:
    for family in ("A Serif", "Made Sans", "Noto Sans Made", "Color Sans", "Sans Mono"):
        made_font(folder / f"{family}.ttf", CHINESE, family)
    assert fonts.families(CHINESE) == [fonts.FONT, "Noto Sans Made"]


def test_a_picture_has_what_the_font_has(run: Twins, folder: Path) -> None:
    year = named(run, (CHINESE, *WRITINGS[1:]))
    boxes = plots.save(plots.sociograms(year.with_), folder / "boxes")
    made_font(folder / "made.ttf", CHINESE)
    forget()
    squares = plots.save(plots.sociograms(year.with_), folder / "squares")
    assert boxes[0].read_bytes() != squares[0].read_bytes()
    assert "'DejaVu Sans', 'Made Sans'" in squares[1].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("佳佳", "Noto Sans CJK"),
        ("민준", "Noto Sans CJK"),
        ("さくら", "Noto Sans CJK"),
        ("देवनागरी", "Noto Sans Devanagari"),
        ("አበበ", "Noto Sans Ethiopic"),
        ("ไทย", "Noto Sans Thai"),
        ("👩\u200d👧🦄", "Noto Emoji"),
        ("❤\ufe0f🏽🦄", "Noto Emoji"),
    ],
)
def test_whoever_lacks_a_font_is_told_which_one_has_it(name: str, family: str) -> None:
    said = fonts.notice(["Zoë", name])
    assert f"has {name}: pictures" in said
    assert f"Free fonts that have them: {family} (fonts.google.com/noto)" in said
    assert "Zoë" not in said


def test_a_notice_is_short_and_moves_no_cursor() -> None:
    said = fonts.notice([f"佳{i}\x1b[2J" for i in range(60)])
    assert "\x1b" not in said
    assert "佳9" in said
    assert "佳10" not in said


def test_a_name_from_right_to_left_leaves_a_sentence_as_it_is(run: Twins) -> None:
    title = next(text.get_text() for text in plots.trajectories(named(run, ("محمد", *WRITINGS[1:])), 0).texts)
    assert title == "\u2068محمد\u2069 and the teacher"
    title = next(text.get_text() for text in plots.trajectories(named(run, ("佳佳", *WRITINGS[1:])), 0).texts)
    assert title == "佳佳 and the teacher"


def test_a_run_tells_it_once_and_says_nothing_of_matplotlib(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "fonts").mkdir(parents=True)
    environment = surroundings() | {"XDG_DATA_HOME": str(home), "MPLCONFIGDIR": str(home)}
    (tmp_path / "klas.csv").write_text("name\n佳佳\n田中\nBo\n", encoding="utf-8")
    words = ("run", "--class", "klas.csv", "--weeks", "1", "--replace", "--out", "out")

    def said(*more: str) -> str:
        done = subprocess.run(
            command(*words, *more), cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True
        )
        assert "Glyph" not in done.stdout + done.stderr
        assert "findfont" not in done.stderr
        return done.stdout + done.stderr

    if "has 佳佳, 田中" not in said("--figures", "all"):
        pytest.skip("this computer has Chinese fonts")
    assert "佳佳" in (tmp_path / "out" / "sociogram-without.svg").read_text(encoding="utf-8")
    assert "has 佳佳:" in said(), "only the child in the picture"
    made_font(home / "fonts" / "made.ttf", "佳田中")
    assert "No font of this computer" not in said("--figures", "all")


@pytest.mark.skipif(sys.platform != "linux", reason="fonts are elsewhere")
def test_the_folders_of_this_computer_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    made_font(tmp_path / "fonts" / "made.ttf", "\uf8ff佳")
    code = "from sim.output import fonts; print(fonts.families('\\uf8ff佳'[1:]))"
    environment = surroundings() | {"XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert fonts.BOXES not in done.stdout
    assert os.environ.get("XDG_DATA_HOME") != str(tmp_path)


def test_a_run_and_one_that_is_made_again_say_which_name_their_figures_cannot_show(tmp_path: Path) -> None:
    """Of a writing for which hardly any computer has a font."""
    (tmp_path / "klas.csv").write_text("naam\n\N{EGYPTIAN HIEROGLYPH A001}\nAn\nBo\nCy\nDi\n", encoding="utf-8")
    about = ("--with", "banking-time", "--for", "\N{EGYPTIAN HIEROGLYPH A001}", "--weeks", 2)
    notice = "No font of this computer has \N{EGYPTIAN HIEROGLYPH A001}: pictures (PNG) have boxes there"
    said = spiraal(tmp_path, "run", "--class", "klas.csv", *about, "--out", "then")
    if notice not in said:
        pytest.skip("this computer has a font for hieroglyphs")
    again = spiraal(tmp_path, "rerun", "then/manifest.json", "--out", "now")
    assert notice in again
    assert "byte for byte" in again
    assert notice not in spiraal(tmp_path, "rerun", "then/manifest.json"), "nothing is drawn"
