"""What visitors take home: downloads, pictures, the link with its code, and the page for paper."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from browser.conftest import ELSEWHERE, Server, Visitor
from PIL import Image
from playwright.sync_api import expect

from sim.dashboard.answers.loop import profiles
from sim.dashboard.choices import VIEWS, Choices, followed, pair_of
from sim.dashboard.picture import Shelf
from sim.dashboard.stories import stories
from sim.files.language import Language, use
from sim.scenario import load
from sim.state import to_item_mean
from sim.year.differences import DIGITS

segno = pytest.importorskip("segno", reason="the dashboard is not installed: pip install spiraal[app]")

Visit = Callable[..., Visitor]

SVG = "{http://www.w3.org/2000/svg}"
PRINT = "() => { window.print = () => { document.documentElement.dataset.printed = 'yes' } }"
NAMES = ("Martijn", "Yasmina", "Bram", "Fenna")


def taken(visitor: Visitor, button: str) -> tuple[str, bytes]:
    """Name and content of the file that a button gives."""
    with visitor.page.expect_download() as download:
        visitor.part(button).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def row(visitor: Visitor, child: int) -> list[str]:
    """What stands in the table of all children about one."""
    return [cell.inner_text() for cell in visitor.part(f"row-{child}").locator("td").all()]


@pytest.mark.parametrize(
    ("locale", "separator", "decimal", "columns"),
    [
        ("en-GB", ",", ".", ["class", "week", "child", "closeness", "conflict", "aggression"]),
        ("nl-BE", ";", ",", ["klas", "week", None, "nabijheid", "conflict", "agressie"]),
    ],
)
def test_tables_arrive_as_they_stand_on_the_page(
    visit: Visit, locale: str, separator: str, decimal: str, columns: list[str | None]
) -> None:
    visitor = visit("?view=data&week=20", locale=locale)
    name, content = taken(visitor, "take-weeks")
    assert name == "spiraal-irritated-teacher-weeks.csv"
    table = pd.read_csv(io.BytesIO(content), sep=separator, decimal=decimal, encoding="utf-8-sig")
    assert all(wanted in (None, found) for wanted, found in zip(columns, table.columns, strict=False))
    kinds = table.dtypes.iloc[3:6].tolist()
    assert kinds == [np.dtype(float)] * 3
    in_week = table[table.iloc[:, 1] == 20]
    names = in_week.iloc[:25, 2].tolist()
    for child in (1, 14):
        shown = row(visitor, child)
        ours = in_week[in_week.iloc[:, 2] == names[child]].iloc[:, 3:7].to_numpy()
        for state in range(3):
            for arm in (0, 1):
                on_page = shown[3 * state + arm]
                assert on_page[-3] == decimal
                # Written with three decimals, a number may lie on the edge of two with two.
                assert float(on_page.replace(decimal, ".")) == pytest.approx(ours[arm, state], abs=0.0051)
        assert shown[9:11] == [f"{ours[0, 3]:.0f}", f"{ours[1, 3]:.0f}"]
    expect(visitor.part("take-status")).to_contain_text(name)


def test_a_parcel_does_not_stay_on_the_server(visit: Visit, elsewhere: Server) -> None:
    visitor = Visitor(visit(at=elsewhere, hosts=frozenset({ELSEWHERE})).page.context.new_page())
    sent: list[str] = []
    visitor.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(str(frame))))
    visitor.page.goto(f"{elsewhere.address}/?view=data")
    _, content = taken(visitor, "take-settings")
    head = base64.b64encode(content[:30]).decode("ascii")
    visitor.part("share").click()
    expect(visitor.part("share-code")).to_be_visible()
    holding = [head in frame for frame in sent if '"parcel":' in frame]
    came = holding.index(True)
    assert holding.count(True) == 1, "a parcel comes once"
    assert len(holding) >= came + 3, "then nothing comes in its place, and then the code"


def test_the_other_files_arrive(visit: Visit, tmp_path: Path) -> None:
    visitor = visit("?view=data&week=20&strain=0.3")
    _, contacts = taken(visitor, "take-contacts")
    assert "Martijn" in contacts.decode("utf-8-sig").splitlines()[1]
    _, network = taken(visitor, "take-network-with")
    graph = nx.read_graphml(io.BytesIO(network), node_type=int)
    child = next(child for child, name in graph.nodes(data="name") if name == "Emma")
    liked_by = sum(edge["kind"] == "like" for _, _, edge in graph.in_edges(child, data=True))
    assert row(visitor, child)[10] == str(liked_by)
    for button, expected in (("take-everything", "days.parquet"), ("take-grids", "with-25.trj")):
        _, content = taken(visitor, button)
        with zipfile.ZipFile(io.BytesIO(content)) as folder:
            assert expected in folder.namelist()
    name, content = taken(visitor, "take-settings")
    (tmp_path / name).write_bytes(content)
    settings = load(tmp_path / name)
    assert settings.teacher.strain == 0.3
    assert settings.follow == "Martijn"
    assert settings.interventions[0].name == "samen-spel"


def test_children_are_sorted_and_followed(visit: Visit) -> None:
    visitor = visit("?view=data&week=36")
    names = visitor.page.locator("[data-test='children'] tbody th")
    expect(names).to_have_count(25)
    assert names.all_inner_texts() == sorted(names.all_inner_texts())
    visitor.part("sort-conflict-with").click()
    heading = visitor.page.locator("th", has=visitor.part("sort-conflict-with"))
    expect(heading).to_have_attribute("aria-sort", "descending")
    shown = [float(text) for text in visitor.page.locator("tbody tr td:nth-of-type(5)").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    visitor.part("sort-conflict-with").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    visitor.page.get_by_role("button", name="Emma", exact=True).click()
    expect(visitor.page.locator("tr.followed")).to_contain_text("Emma")
    expect(visitor.page).to_have_url(re.compile("child=4"))
    visitor.page.keyboard.press("Home")
    expect(visitor.page.locator("tbody tr:first-child button")).to_be_focused()
    visitor.page.keyboard.press("ArrowDown")
    expect(visitor.page.locator("tbody tr:nth-child(2) button")).to_be_focused()
    expect(visitor.part("now")).to_have_text("week 36 of 36")


def test_one_class_has_no_differences(visit: Visit) -> None:
    visitor = visit("?view=data&interventions=")
    expect(visitor.part("row-0").locator("td")).to_have_count(4)
    expect(visitor.part("take-network")).to_be_visible()
    name, _ = taken(visitor, "take-settings")
    assert name.endswith("-without.toml")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_pictures_open_elsewhere(visit: Visit, kind: str) -> None:
    visitor = visit("?view=map&week=36")
    name, content = taken(visitor, f"save-class-with-{kind}")
    assert name == f"spiraal-class-with.{kind}"
    if kind == "png":
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        assert min(picture.size) > 600
        assert len(picture.getcolors(2**24) or ()) > 50, "it is not blank"
        return
    picture = ET.fromstring(content)
    assert "week 36 of 36" in (picture.findtext(f"{SVG}title") or "")
    texts = {text.text.strip() for text in picture.iter(f"{SVG}text") if text.text}
    assert texts.issuperset(NAMES)
    assert picture.get("viewBox")
    assert not [one for one in picture.iter() if one.get("class")], "no style sheet is needed"


def drawn(visitor: Visitor, size: int) -> Any:
    """The modules of the code as they are on the screen."""
    picture = Image.open(io.BytesIO(visitor.part("share-code").screenshot())).convert("L")
    module = picture.width / (size + 8)
    centres = [round((4.5 + place) * module) for place in range(size)]
    return np.array([[picture.getpixel((x, y)) < 128 for x in centres] for y in centres], dtype=int)


def test_the_link_is_shared_with_its_code(visit: Visit, elsewhere: Server) -> None:
    visitor = visit("?mode=present&step=classes&week=12&strain=0.3", at=elsewhere, hosts=frozenset({ELSEWHERE}))
    expect(visitor.part("share")).to_be_visible()
    visitor.page.keyboard.press("q")
    address = visitor.part("share-address")
    expect(address).to_be_focused()
    link = address.input_value()
    assert link.startswith(f"http://{ELSEWHERE}:")
    expect(visitor.part("share-loopback")).to_have_count(0)
    expect(visitor.part("share-code")).to_be_visible()
    expected = np.array([list(line) for line in segno.make(link, error="m", micro=False).matrix], dtype=int)
    box = visitor.part("share-code").bounding_box()
    assert box is not None and box["width"] > 380, "it is read from the back of a room"
    np.testing.assert_array_equal(drawn(visitor, len(expected)), expected)
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("Escape")
    expect(visitor.part("share-dialog")).not_to_be_visible()
    expect(visitor.part("now")).to_have_text("week 12 of 36")
    other = visit(link[link.index("?") :])
    expect(other.part("now")).to_have_text("week 12 of 36")
    expect(other.part("strain")).to_have_count(1)
    assert not re.search("mode|step", link), "what is shown to a room leads to a page that keeps the outcome to itself"
    expect(other.page).to_have_url(re.compile(r"strain=0\.3"))


def test_no_code_where_only_this_computer_can_open_the_link(visit: Visit) -> None:
    visitor = visit()
    visitor.part("share").click()
    expect(visitor.part("share-address")).to_have_value(re.compile("^http://127"))
    expect(visitor.part("share-loopback")).to_contain_text("spiraal app --share")
    expect(visitor.part("share-code")).to_have_count(0)
    expect(visitor.part("share-dialog")).not_to_contain_text("camera")


def test_the_link_is_copied_with_and_without_leave(visit: Visit) -> None:
    visitor = visit()
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.part("share").click()
    visitor.part("share-copy").click()
    expect(visitor.part("share-status")).to_have_text("Copied.")
    link = visitor.part("share-address").input_value()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == link
    visitor.page.evaluate("navigator.clipboard.writeText('')")
    visitor.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    visitor.part("share-close").click()
    expect(visitor.part("share")).to_be_focused()
    visitor.part("share").click()
    visitor.part("share-copy").click()
    expect(visitor.part("share-status")).to_have_text("Copied.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == link


@pytest.mark.parametrize(("locale", "figure"), [("en-GB", r"\d\.\d"), ("nl-BE", r"\d,\d")])
def test_the_handout_fits_on_paper(visit: Visit, locale: str, figure: str) -> None:
    visitor = visit("?view=data", locale=locale)
    visitor.page.evaluate(PRINT)
    expect(visitor.part("print")).to_be_visible()
    expect(visitor.part("handout")).to_have_count(0)
    visitor.part("print").click()
    visitor.page.wait_for_function("document.documentElement.dataset.printed")
    visitor.page.emulate_media(media="print")
    expect(visitor.part("handout")).to_be_visible()
    expect(visitor.part("scenario")).not_to_be_visible()
    words = visitor.part("handout").inner_text()
    guide = visitor.page.evaluate("document.querySelector('.handout-question').textContent")
    assert guide in words
    assert "36" in words, "at the beginning of the year the handout shows its end"
    assert re.search(figure, visitor.page.locator(".handout-figures").inner_text())
    maps = visitor.page.locator(".handout .map-frame")
    assert maps.count() == 2
    for drawing in maps.all():
        assert set(drawing.locator("text.name").all_text_contents()).issuperset(NAMES)
        frame, outline = drawing.bounding_box(), drawing.locator("svg").bounding_box()
        assert frame is not None and outline is not None
        assert outline["width"] == pytest.approx(frame["width"], abs=2)
    expect(visitor.page.locator(".handout .chart path.past")).to_have_count(6)
    expect(visitor.page.locator(".handout-code svg")).to_be_visible()
    pages = len(re.findall(rb"/Type\s*/Page\b", visitor.page.pdf(prefer_css_page_size=True)))
    assert pages == 1
    visitor.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(visitor.part("handout")).to_have_count(0)


CUT_OFF = """() => {
  const right = document.querySelector("main").getBoundingClientRect().right + 1, cut = []
  for (const one of document.querySelectorAll("main :is([data-sized] > svg, table:not(.hidden *, .hidden))")) {
    const box = one.getBoundingClientRect()
    if (box.right > right) cut.push(one.getAttribute("aria-label") ?? one.caption?.innerText)
    for (let frame = one.parentElement; frame.matches("main *"); frame = frame.parentElement) {
      const around = frame.getBoundingClientRect()
      const within = box.right <= around.right + 1 && box.bottom <= around.bottom + 1
      if (getComputedStyle(frame).overflow !== "visible" && !within) cut.push(frame.className)
    }
  }
  return cut
}"""
"""What of the pictures and tables of a view does not fit on the page, or into what it stands in."""


LAID_OVER = """() => {
  const found = []
  for (const picture of document.querySelectorAll("main [data-sized] > svg:not([aria-hidden])")) {
    const box = picture.getBoundingClientRect()
    for (const said of document.querySelectorAll("main :is(p, li, table, h2, h3):not(.hidden, .hidden *)")) {
      const at = said.getBoundingClientRect()
      const wide = Math.min(box.right, at.right) - Math.max(box.left, at.left)
      const high = Math.min(box.bottom, at.bottom) - Math.max(box.top, at.top)
      if (wide > 2 && high > 2 && !said.contains(picture)) found.push(said.innerText.slice(0, 40))
    }
  }
  return found
}"""
"""What is said of a view where one of its pictures is."""


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_view_is_cut_off_on_paper(visit: Visit, language: str) -> None:
    visitor = visit(f"?week=20&language={language}")
    page = visitor.page
    for view in (*(name for name, one in VIEWS.items() if one.tab), "own"):
        visitor.part("own-class" if view == "own" else f"view-{view}").click()
        expect(page.locator("main :is([data-sized] > svg, table)").first).to_be_attached()
        page.evaluate("for (const one of document.querySelectorAll('[data-sized]')) one.watcher.disconnect()")
        page.set_viewport_size({"width": 700, "height": 990})  # a sheet of A4: pictures are not measured again for it
        page.emulate_media(media="print")
        assert page.evaluate(CUT_OFF) == [], view
        assert page.evaluate(LAID_OVER) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= 700, view
        expect(page.locator("main button.plain").locator("visible=true")).to_have_count(0)
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1366, "height": 768})


TWINS = {"en": ("without Samen-Spel", "with Samen-Spel"), "nl": ("zonder Samen-Spel", "met Samen-Spel")}


@pytest.mark.parametrize("language", TWINS)
def test_a_view_on_paper_says_what_it_is_about(visit: Visit, language: Language) -> None:
    visitor = visit(f"?v=1&language={language}&view=grid&week=20")
    page, head, outcome = visitor.page, visitor.part("paper-head"), visitor.part("outcome")
    expect(page.locator(".grid-view")).to_be_visible()
    assert head.is_hidden()
    page.emulate_media(media="print")
    title = visitor.part("scenario").evaluate("one => one.selectedOptions[0].text")
    view = visitor.part("view-grid").text_content()
    question = stories()["irritated-teacher"].told(language)["question"]
    said = head.inner_text()
    for part in (title, view, question, "Martijn", *TWINS[language], page.url):
        assert part in said
    assert re.search(r"week 20 (of|van) 36", said)
    assert visitor.part("scenario").is_hidden()
    page.emulate_media(media="screen")
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("week=36"))
    told = outcome.locator(".question").inner_text()
    assert told not in said
    page.emulate_media(media="print")
    expect(head).to_contain_text(told)
    expect(head).to_contain_text(page.url)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1


def test_the_browser_prints_the_view_and_the_button_the_handout(visit: Visit) -> None:
    visitor = visit("?view=data&week=20")
    visitor.page.evaluate(PRINT)
    visitor.page.keyboard.press("Control+p")
    visitor.page.emulate_media(media="print")
    expect(visitor.part("handout")).to_have_count(0)
    expect(visitor.part("children")).to_be_visible()
    expect(visitor.part("paper-head")).to_be_visible()
    visitor.page.emulate_media(media="screen")
    visitor.part("print").click()
    visitor.page.wait_for_function("document.documentElement.dataset.printed")
    visitor.page.emulate_media(media="print")
    expect(visitor.part("handout")).to_be_visible()
    expect(visitor.part("paper-head")).to_be_hidden()


def test_a_class_list_on_paper_has_no_link_and_no_story(visit: Visit) -> None:
    visitor = visit("?view=own")
    expect(visitor.page.locator(".own-view")).to_be_visible()
    visitor.page.emulate_media(media="print")
    assert visitor.part("paper-head").inner_text().strip() == "Your own class"


@pytest.mark.parametrize("language", TWINS)
def test_the_handout_of_llinc_has_the_profile_of_this_run(visit: Visit, language: Language) -> None:
    visitor = visit(f"?scenario=llinc&view=data&language={language}")
    choices = Choices(scenario="llinc")
    child, both = followed(choices), Shelf().both(pair_of(choices))
    assert child is not None
    with use(language):
        before, later, june, without = profiles(both, child)
        decimal = {"en": ".", "nl": ","}[language]
    page = visitor.page
    page.evaluate(PRINT)
    visitor.part("print").click()
    page.wait_for_function("document.documentElement.dataset.printed")
    page.emulate_media(media="print")
    paper = visitor.part("handout")
    drawn = paper.locator("[data-test='profile']")
    rows = [[cell.inner_text().strip() for cell in row.locator("th, td").all()] for row in drawn.locator("tr").all()]
    heads = [re.findall(r"\d+", head) for head in rows[0][1:]]
    assert heads == [[str(one["week"])] for one in (before, later, june, without)]
    assert [row[0] for row in rows[1:]] == [one["title"] for one in before["scores"]]
    for place, row in enumerate(rows[1:]):
        shown = [float(cell.replace(decimal, ".")) for cell in row[1:]]
        assert shown == pytest.approx(
            [one["scores"][place]["score"] for one in (before, later, june, without)], abs=0.051
        )
    told = drawn.inner_text()
    for text in (*before["words"], *june["words"], *before["questions"]):
        assert text in told
    story = stories()["llinc"].told(language)
    said = " ".join(paper.inner_text().split())
    for part in (story["question"], story["source"], *story["explanation"].split("\n")):
        assert " ".join(part.split()) in said
    figures = dict(zip(DIGITS, paper.locator(".handout-figures tbody tr").all(), strict=True))
    end = both.with_.calendar.last_day(both.with_.calendar.weeks)
    for measure in ("closeness", "conflict", "aggression"):
        cells = [
            cell.inner_text().replace(decimal, ".").replace("−", "-") for cell in figures[measure].locator("td").all()
        ]
        scores = [to_item_mean(float(record.children[measure][end, child])) for record in (both.without, both.with_)]
        assert [float(cell) for cell in cells[:2]] == pytest.approx(scores, abs=0.006)
        assert float(cells[2]) == pytest.approx(float(cells[1]) - float(cells[0]), abs=0.0001)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2
