"""The file that is taken along, in a browser without a network: a story is played, and nothing is asked for."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard import takeaway
from sim.dashboard.choices import OWN, Choices
from sim.dashboard.picture import Shelf
from sim.files.classlist import ChildRow, ClassList

HOSTILE = "</script><script>alert(1)</script>"
ROSTER = ClassList(tuple(ChildRow(name=name) for name in (HOSTILE, "<img src=x onerror=alert(2)>", "Mila", "Noor")))
OWN_CLASS = Choices(scenario=OWN, interventions=(("banking-time", 0),), child=0)

DESKTOP = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}

PLATFORM = """<!doctype html><title>A platform</title><script>
const said = [], values = { "cmi.core.lesson_status": "not attempted" }
const note = (...what) => { said.push(what.join(" ")); return "true" }
window.API = {
  LMSInitialize: () => note("initialize"), LMSFinish: () => note("finish"), LMSCommit: () => note("commit"),
  LMSSetValue: (key, value) => { values[key] = value; return note("set", key, value) },
  LMSGetValue: key => values[key] ?? "",
  LMSGetLastError: () => "0", LMSGetErrorString: () => "", LMSGetDiagnostic: () => "",
}
</script><iframe src="{page}" style="width: 1200px; height: 680px"></iframe>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stick with a guided story and a class of one's own on it."""
    place, shelf = tmp_path_factory.mktemp("stick"), Shelf(years=10)
    (place / "story.html").write_bytes(takeaway.page(Choices(), shelf))
    (place / "own.html").write_bytes(takeaway.page(OWN_CLASS, shelf, ROSTER, names=True))
    return place


@pytest.fixture
def opened(chromium: Any, folder: Path) -> Iterator[Callable[..., Visitor]]:
    """Opens a file with the network cut; whatever the page asks for, or complains of, fails the test."""
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def open_file(name: str, size: dict[str, int]) -> Visitor:
            context = stack.enter_context(chromium.new_context(viewport=size, locale="en-GB", offline=True))
            visitor = Visitor(context.new_page())
            visitor.watch()
            address = (folder / name).as_uri()
            visitor.page.on("request", lambda r: r.url == address or visitor.trouble.append(f"asked for {r.url[:200]}"))
            visitors.append(visitor)
            visitor.page.set_default_timeout(30_000)
            visitor.page.goto(address)
            visitor.page.locator(".spiraal[aria-busy='false']").wait_for()
            return visitor

        yield open_file
    for visitor in visitors:
        assert visitor.trouble == []


@pytest.mark.parametrize(
    ("language", "size", "expected", "told"),
    [
        ("en", DESKTOP, "You expected less aggression. That is how it went.", "This is a recording, made with Spiraal"),
        ("nl", PHONE, "Je verwachtte minder agressie. Dat klopt.", "Dit is een opname, gemaakt met Spiraal"),
    ],
)
def test_a_story_is_played_to_its_verdict(
    opened: Callable[..., Visitor], language: str, size: dict[str, int], expected: str, told: str
) -> None:
    visitor = opened("story.html", size)
    page = visitor.page
    page.get_by_role("button", name=language.upper(), exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(visitor.part("recording")).to_contain_text(told)
    expect(visitor.part("outcome")).to_have_count(0)
    visitor.part("expect-less").click()
    page.locator(".speed select").evaluate("one => { one.value = 4; one.dispatchEvent(new Event('change')) }")
    visitor.part("play-prediction").click()
    expect(visitor.part("now")).to_contain_text(re.compile(r"\b[2-9]\b"))
    expect(visitor.part("outcome")).to_contain_text(expected, timeout=20_000)
    expect(visitor.part("now")).to_contain_text("36")
    expect(visitor.part("explanation")).to_be_visible()
    story = visitor.figures()
    visitor.part("trial-0").click()
    expect(visitor.part("changed")).to_be_visible()
    assert visitor.figures() != story
    visitor.part("back").click()
    expect(visitor.part("changed")).to_have_count(0)
    assert visitor.figures() == story
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_needs_the_program_is_not_there(opened: Callable[..., Visitor]) -> None:
    visitor = opened("story.html", DESKTOP)
    visitor.part("reveal").click()
    visitor.page.keyboard.press("End")
    beside = visitor.page.locator(".story-columns button")
    assert len(set(beside.evaluate_all("all => all.map(one => one.offsetTop)"))) == 1, "they stand in a row"
    for part in (
        "share",
        "own-class",
        "scenario",
        "strain",
        "look-with",
        "view-twins",
        "view-explore",
        "view-portrait",
    ):
        expect(visitor.part(part)).to_have_count(0)
    for view, part in {
        "map": "network", "trajectories": "mean", "grid": "grid-with", "circle": "stands", "data": "children",
    }.items():  # fmt: skip
        visitor.part(f"view-{view}").click()
        expect(visitor.part(part).first).to_be_visible()
    visitor.part("view-map").click()
    visitor.part("eyes-child").click()
    expect(visitor.part("eyes-meaning")).to_contain_text("felt")
    visitor.part("eyes-observer").click()
    visitor.part("view-data").click()
    expect(visitor.part("take-weeks")).to_have_count(0)
    visitor.part("row-3").get_by_role("button").click()
    visitor.part("view-story").click()
    expect(visitor.page.locator(".story li")).not_to_have_count(0)  # another child was recorded, too
    expect(visitor.part("column-loop")).to_have_count(0)
    expect(visitor.part("look-entry")).to_have_count(0)
    visitor.page.get_by_role("button", name="Start over").click()
    visitor.part("reveal").click()
    visitor.part("column-loop").click()
    visitor.page.keyboard.press("End")
    expect(visitor.part("step-acts").locator("strong")).not_to_be_empty()
    visitor.part("loop-everything").click()
    expect(visitor.part("strongest")).to_be_attached()


def test_a_room_is_led_through_it(opened: Callable[..., Visitor]) -> None:
    visitor = opened("story.html", DESKTOP)
    visitor.part("mode").click()
    visitor.part("next").click()
    visitor.part("hand-less").click()
    expect(visitor.part("vote-total")).to_contain_text("1 answer")
    for stage in ("play", "result", "explanation"):
        visitor.part("next").click()
        expect(visitor.part(f"stage-{stage}")).to_be_visible()
    expect(visitor.part("next")).to_be_disabled()
    for key in ("v", "n", "q", "PageDown"):
        visitor.page.keyboard.press(key)
    expect(visitor.part("stage-explanation")).to_be_visible()


def test_what_the_dashboard_shows_is_saved_from_there(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit("?scenario=busy-class&seed=5&view=map&week=9")
    visitor.part("share").click()
    expect(visitor.part("takeaway-names")).to_have_count(0)  # the names are invented
    with visitor.page.expect_download() as download:
        visitor.part("takeaway-page").click()
    assert download.value.suggested_filename == "spiraal-busy-class-en.html"
    expect(visitor.part("takeaway-status")).to_contain_text("spiraal-busy-class-en.html")
    download.value.save_as(tmp_path / "saved.html")
    visitor.page.keyboard.press("Escape")
    children = visitor.page.locator(".map .child").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert len(children) > 20
    with visitor.leaving():
        visitor.page.goto((tmp_path / "saved.html").as_uri())
    expect(visitor.part("now")).to_contain_text("week 9 ")
    expect(visitor.part("recording")).to_contain_text("no. 5.")
    there = visitor.page.locator(".map .child").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert there == children


def test_columns_and_years_are_in_it_where_they_were_looked_at(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit("?scenario=samen-spel&view=side&week=20&columns=page,page:llinc&years=2")
    expect(visitor.part("side-count")).to_contain_text("Average of", timeout=90_000)
    ranked = visitor.part("ranking").inner_text()
    visitor.part("share").click()
    with visitor.page.expect_download(timeout=120_000) as download:
        visitor.part("takeaway-page").click()
    download.value.save_as(tmp_path / "saved.html")
    assert (tmp_path / "saved.html").stat().st_size < takeaway.LARGEST
    with visitor.leaving():
        visitor.page.goto((tmp_path / "saved.html").as_uri())
    expect(visitor.part("ranking")).to_have_text(ranked)
    expect(visitor.page.locator(".column-map svg")).to_have_count(2)
    for part in ("child", "change-1", "add-column"):
        expect(visitor.part(part)).to_have_count(0)
    visitor.part("view-years").click()
    expect(visitor.part("left-over").locator("li")).to_have_count(2)
    expect(visitor.part("left-over")).to_have_attribute("aria-busy", "false")
    expect(visitor.part("next-teacher")).to_have_count(0)
    visitor.part("view-map").click()
    visitor.page.locator(".map .child:not(.followed)").first.click()
    visitor.part("view-side").click()
    expect(visitor.part("elsewhere")).to_be_visible()
    visitor.part("to-recorded").click()
    expect(visitor.part("ranking")).to_have_text(ranked)


def test_columns_and_years_are_steps_before_a_room_where_they_are_in_it(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    query = "?mode=present&step=side&week=20&columns=page,page:llinc&years=2&measure=conflict&beside=lines"
    visitor = visit(query)
    expect(visitor.part("ranking")).to_contain_text("Average of", timeout=90_000)
    ranked = visitor.part("ranking").inner_text()
    visitor.part("share").click()
    with visitor.page.expect_download(timeout=120_000) as download:
        visitor.part("takeaway-page").click()
    download.value.save_as(tmp_path / "room.html")
    with visitor.leaving():
        visitor.page.goto((tmp_path / "room.html").as_uri())
    expect(visitor.part("stage-side")).to_be_visible()
    expect(visitor.part("ranking")).to_have_text(ranked)
    expect(visitor.part("side-lines")).to_be_visible()
    expect(visitor.part("step-classes")).to_have_count(0)
    visitor.part("next").click()
    expect(visitor.part("stage-years")).to_be_visible()
    for year in (1, 2):
        expect(visitor.part("left-over").locator("h3")).to_contain_text(f"Year {year}")
        expect(visitor.part("left-over")).to_have_attribute("aria-busy", "false")
        visitor.page.keyboard.press("PageDown")
    expect(visitor.part("next")).to_be_disabled()
    visitor.part("mode").click()
    expect(visitor.part("years-view")).to_be_visible()
    visitor.part("view-story").click()
    visitor.part("trial-0").click()
    visitor.part("mode").click()
    visitor.part("step-side").click()
    expect(visitor.part("elsewhere")).to_be_visible()
    visitor.part("to-recorded").click()
    expect(visitor.part("ranking")).to_have_text(ranked)


def test_names_are_text_in_a_browser(opened: Callable[..., Visitor]) -> None:
    visitor = opened("own.html", DESKTOP)
    visitor.page.keyboard.press("End")
    expect(visitor.part("now")).to_contain_text("36")
    for view in ("map", "trajectories", "grid", "circle", "data"):
        visitor.part(f"view-{view}").click()
        if view == "map":
            visitor.part("eyes-child").click()
            expect(visitor.part("seen-1")).to_contain_text("<img src=x onerror=alert(2)>")
    expect(visitor.part("row-0")).to_contain_text(HOSTILE)
    expect(visitor.part("row-1")).to_contain_text("<img src=x onerror=alert(2)>")
    assert visitor.page.locator("img").count() == 0
    expect(visitor.part("mode")).to_have_count(0)


def test_a_platform_hears_that_the_year_was_played(chromium: Any, folder: Path) -> None:
    package = takeaway.package((folder / "own.html").read_bytes(), OWN_CLASS)
    with zipfile.ZipFile(io.BytesIO(package)) as unpacked:
        files = {f"/{name}": unpacked.read(name).decode() for name in unpacked.namelist()}
    files["/"] = PLATFORM.replace("{page}", "index.html")
    with chromium.new_context(viewport=DESKTOP) as context:
        visitor = Visitor(context.new_page(), hosts=frozenset({"platform.example"}))
        visitor.watch()
        site = "http://platform.example"
        visitor.page.route(
            "**",
            lambda route: route.fulfill(body=files[route.request.url.removeprefix(site)], content_type="text/html"),
        )
        visitor.page.goto(f"{site}/")
        frame = visitor.page.frame_locator("iframe")
        frame.locator(".spiraal[aria-busy='false']").wait_for()
        said = "said.filter(one => one !== 'commit')"
        assert visitor.page.evaluate(said) == ["initialize", "set cmi.core.lesson_status incomplete"]
        frame.locator("[data-test='scrubber']").press("ArrowRight")
        expect(frame.locator("[data-test='now']")).to_contain_text("week 1 ")
        assert visitor.page.evaluate("values['cmi.core.lesson_status']") == "incomplete"
        frame.locator("[data-test='scrubber']").fill("36")
        visitor.page.wait_for_function("values['cmi.core.lesson_status'] === 'completed'")
        assert visitor.page.evaluate("said.at(-1)") == "commit"
        visitor.page.evaluate("document.querySelector('iframe').remove()")
        visitor.page.wait_for_function("said.at(-1) === 'finish'")
        assert visitor.trouble == []
