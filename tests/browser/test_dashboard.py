"""The dashboard as visitors use it, in a real browser; every test also fails on whatever goes wrong on a page.

Nothing here sleeps: the week and the key figures stand on the page as text, and tests wait for those.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.conftest import Server, Visitor, running
from playwright.sync_api import expect

from sim.dashboard.choices import VIEWS

Visit = Callable[..., Visitor]

NASTY = "<img src=x onerror=alert(1)>"
ARMS = ("closeness", "conflict", "aggression")


def in_week(visitor: Visitor, week: int) -> None:
    """Wait until the page shows a week."""
    expect(visitor.part("now")).to_have_text(f"week {week} of 36")


def until_other(visitor: Visitor, before: dict[str, str], *, arm: str = "") -> dict[str, str]:
    """Wait until the key figures (of one arm) differ from those before."""
    watched = {key: value for key, value in before.items() if key.endswith(arm)}
    visitor.page.wait_for_function(
        "before => Object.entries(before).some(([key, value]) => "
        "document.querySelector(`[data-test='${key}']`).innerText !== value)",
        arg=watched,
    )
    return visitor.figures()


@pytest.mark.parametrize(
    ("locale", "language", "play", "week"),
    [("en-GB", "en", "Play", "week 0 of 36"), ("nl-BE", "nl", "Afspelen", "week 0 van 36")],
)
def test_opens_in_the_language_of_the_browser(visit: Visit, locale: str, language: str, play: str, week: str) -> None:
    visitor = visit(locale=locale)
    expect(visitor.page.locator("html")).to_have_attribute("lang", language)
    expect(visitor.part("now")).to_have_text(week)
    expect(visitor.page.get_by_role("button", name=play, exact=True)).to_be_visible()
    expect(visitor.page.locator(".child")).to_have_count(25)
    assert visitor.page.title() == "Spiraal"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_everything_is_on_the_screen(visit: Visit, width: int, height: int) -> None:
    visitor = visit(viewport={"width": width, "height": height})
    page = visitor.page
    sizes = page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert sizes == [height, width]
    panel = page.locator(".what-if")
    assert panel.evaluate("e => e.scrollHeight <= e.clientHeight"), "the sliders and switches need no scrolling"
    for name in ("closeness-without", "strain", "samen-spel", "scrubber"):
        box = visitor.part(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_every_control_has_a_name(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    for role in ("slider", "button", "switch", "combobox"):
        for control in page.get_by_role(role).all():
            assert control.evaluate(
                "e => e.ariaLabel || e.innerText.trim() || e.labels?.[0]?.innerText.trim() || ''"
            ), control.evaluate("e => e.outerHTML")
    visitor.part("more").click()
    assert page.get_by_role("switch").count() >= 5
    assert "user-scalable=no" not in page.locator("meta[name=viewport]").get_attribute("content")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus can be seen"
    assert (
        page.get_by_role("button", name="Play", exact=True).evaluate("e => getComputedStyle(e).textTransform") == "none"
    )


def test_play_advances_and_pause_holds(visit: Visit) -> None:
    visitor = visit()
    in_week(visitor, 0)
    visitor.page.get_by_role("button", name="Play", exact=True).click()
    in_week(visitor, 2)
    visitor.page.get_by_role("button", name="Pause").click()
    visitor.page.get_by_role("button", name="Play", exact=True).wait_for()
    held = visitor.part("now").inner_text()
    for _ in range(20):  # frames, in which a year that still played would go on
        visitor.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert visitor.part("now").inner_text() == held


def test_the_year_ends_and_begins_again(visit: Visit) -> None:
    visitor = visit()
    visitor.page.keyboard.press("End")
    in_week(visitor, 36)
    expect(visitor.page.get_by_role("button", name="One week on")).to_be_disabled()
    visitor.page.get_by_role("button", name="Play", exact=True).click()
    in_week(visitor, 1)


def test_step_back_scrub_and_start_over(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    for week in (1, 2, 3):
        page.get_by_role("button", name="One week on").click()
        in_week(visitor, week)
    page.get_by_role("button", name="One week back").click()
    in_week(visitor, 2)
    visitor.drag("scrubber", 20)
    in_week(visitor, 20)
    visitor.drag("strain", 0.05)
    expect(page).to_have_url(re.compile("strain=0.05"))
    page.get_by_role("button", name="Start over").click()
    in_week(visitor, 0)
    expect(page).not_to_have_url(re.compile("strain|week"))


def test_keyboard(visit: Visit) -> None:
    visitor = visit()
    keyboard = visitor.page.keyboard
    keyboard.press("ArrowRight")
    in_week(visitor, 1)
    keyboard.press("ArrowRight")
    in_week(visitor, 2)
    keyboard.press("ArrowLeft")
    in_week(visitor, 1)
    keyboard.press("Space")
    visitor.page.get_by_role("button", name="Pause").wait_for()
    in_week(visitor, 3)
    keyboard.press("Space")
    visitor.page.get_by_role("button", name="Play", exact=True).wait_for()
    keyboard.press("Home")
    in_week(visitor, 0)
    visitor.part("emotional_support").focus()
    before = visitor.part("emotional_support").input_value()
    keyboard.press("ArrowRight")
    assert visitor.part("emotional_support").input_value() != before, "arrows on a slider move that slider"
    in_week(visitor, 0)


@pytest.mark.parametrize(
    ("slider", "value"),
    [("emotional_support", 0.95), ("reflective_functioning", 0.95), ("strain", 0.0), ("aggression", 1.5)],
)
def test_a_slider_gives_another_year_at_once(visit: Visit, slider: str, value: float) -> None:
    """In the lines of the child; the rounded figures of its last week may be the same."""
    visitor = visit()
    visitor.page.keyboard.press("End")
    in_week(visitor, 36)
    lines = "[...document.querySelectorAll('path.past')].map(line => line.getAttribute('d')).join()"
    before = visitor.page.evaluate(lines)
    assert before.count("M") >= 2
    if slider == "aggression":
        visitor.part("more").click()
    visitor.drag(slider, value)
    visitor.page.wait_for_function(f"before => {lines} !== before", arg=before)
    in_week(visitor, 36)


def test_another_class(visit: Visit) -> None:
    visitor = visit("?scenario=ordinary-class")
    visitor.page.keyboard.press("End")
    in_week(visitor, 36)
    visitor.part("more").click()
    before, seed = visitor.figures(), visitor.part("seed").inner_text()
    visitor.page.get_by_role("button", name="Another class").click()
    until_other(visitor, before)
    visitor.page.get_by_role("button", name="The class before").click()
    expect(visitor.part("seed")).to_have_text(seed)
    visitor.page.wait_for_function(
        "value => document.querySelector(\"[data-test='closeness-without']\").innerText === value",
        arg=before["closeness-without"],
    )
    assert visitor.figures() == before, "the same class has the same luck again"


@pytest.mark.parametrize(
    "intervention", ["samen-spel", "banking-time", "llinc", "support-coaching", "social-architect"]
)
def test_an_intervention_makes_a_difference(visit: Visit, intervention: str) -> None:
    visitor = visit("?scenario=low-support")
    visitor.part("more").click()
    switch = visitor.part(intervention)
    visitor.page.keyboard.press("End")
    in_week(visitor, 36)
    assert {visitor.figures()[f"{arm}-with"] for arm in ARMS} == {"–"}
    without = {key: value for key, value in visitor.figures().items() if key.endswith("-without")}
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(visitor.part("closeness-with")).not_to_have_text("–")
    differences = visitor.page.evaluate(
        "() => [...document.querySelectorAll('.chart path.past')].map(path => path.getAttribute('d'))"
    )
    assert differences[:3] != differences[3:], "the lines with and without differ"
    assert {key: value for key, value in visitor.figures().items() if key.endswith("-without")} == without
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(visitor.part("closeness-with")).to_have_text("–")


def test_words_that_are_new_are_explained_by_keys_too(visit: Visit) -> None:
    visitor = visit()
    visitor.part("more").click()
    controls = visitor.page.locator(".what-if .switch, .what-if .explained .slider")
    expect(controls).to_have_count(10)
    expect(visitor.page.locator(".what-if .what")).to_have_count(10)
    asked = visitor.part("what-llinc")
    expect(asked).to_have_accessible_name("What does “LLInC” mean?")
    asked.press("Enter")
    expect(visitor.part("meaning-llinc")).to_contain_text("two conversations")
    expect(visitor.part("llinc")).to_have_attribute("aria-checked", "false")
    asked.press("Escape")
    expect(visitor.part("meaning-llinc")).to_have_count(0)
    visitor.part("what-twins").click()
    expect(visitor.part("meaning-twins")).to_contain_text("the same luck")


def test_interventions_belong_to_a_child(visit: Visit) -> None:
    visitor = visit()
    switch = visitor.part("samen-spel")
    expect(switch).to_have_attribute("aria-checked", "true")
    visitor.part("more").click()
    visitor.page.locator(".child[data-child='5']").click()
    expect(switch).to_have_attribute("aria-checked", "false")
    visitor.part("support-coaching").click()
    expect(visitor.part("support-coaching")).to_have_attribute("aria-checked", "true")
    visitor.page.locator(".child[data-child='6']").click()
    expect(visitor.part("support-coaching")).to_have_attribute("aria-checked", "true")  # it is for the whole class
    expect(switch).to_have_attribute("aria-checked", "false")


def test_a_click_follows_a_child(visit: Visit) -> None:
    visitor = visit()
    before = visitor.figures()
    child = visitor.page.locator(".child[data-child='7']")
    name = child.locator(".name").text_content()
    child.click()
    expect(visitor.part("child")).to_have_value("7")
    expect(child).to_have_attribute("aria-pressed", "true")
    expect(visitor.page.locator(".what-if h3")).to_contain_text([name])
    assert visitor.figures() != before
    visitor.part("child").select_option("3")
    expect(visitor.page.locator(".child[data-child='3']")).to_have_attribute("aria-pressed", "true")


def test_liking_is_shown_on_demand(visit: Visit) -> None:
    visitor = visit("?scenario=ordinary-class")
    arrows = visitor.page.locator(".arrows path")
    expect(arrows).to_have_count(0)
    visitor.part("arrows-class").click()
    assert arrows.count() > 5
    visitor.part("arrows-none").click()
    expect(arrows).to_have_count(0)


def test_the_story_unfolds_and_leads_back(visit: Visit) -> None:
    visitor = visit()
    entries = visitor.page.locator(".story li button")
    expect(entries).to_have_count(0)
    visitor.page.keyboard.press("End")
    in_week(visitor, 36)
    entries.filter(has_text="Samen-Spel").last.click()  # newest first: the last is its beginning
    in_week(visitor, 6)


OVERLAPS = """() => {
  const names = [...document.querySelectorAll(".child .name")]
  const boxes = names.map(name => name.getBoundingClientRect()).filter(box => box.width)
  const touch = (a, b) => Math.min(a.right, b.right) > Math.max(a.left, b.left)
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  return [boxes.length, boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => touch(a, b))).length]
}"""
"""How many names are seen, and how many pairs of them lie on each other."""


def test_names_do_not_lie_on_each_other(visit: Visit) -> None:
    visitor = visit()
    for week in range(0, 37, 4):
        visitor.drag("scrubber", week)
        in_week(visitor, week)
        seen, overlaps = visitor.page.evaluate(OVERLAPS)
        assert overlaps == 0
        assert seen >= 20


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (390, 844)])
def test_a_name_for_which_there_is_no_room_is_shown_when_it_is_pointed_at(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit("?view=map&week=20", viewport={"width": size[0], "height": size[1]})
    in_week(visitor, 20)
    seen, overlaps = visitor.page.evaluate(OVERLAPS)
    assert overlaps == 0
    assert seen >= 8
    for child in visitor.page.locator(".map .child").all():
        child.focus()
        expect(child.locator(".name")).to_be_visible()


def test_switching_the_language(visit: Visit) -> None:
    visitor = visit()
    visitor.page.get_by_role("button", name="NL", exact=True).click()
    expect(visitor.part("now")).to_have_text("week 0 van 36")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "nl")
    assert "," in visitor.figures()["closeness-without"]
    visitor.page.get_by_role("button", name="EN", exact=True).click()
    in_week(visitor, 0)
    assert "." in visitor.figures()["closeness-without"]


def test_a_reload_keeps_what_was_chosen(visit: Visit) -> None:
    visitor = visit()
    visitor.page.locator(".child[data-child='4']").click()
    visitor.drag("emotional_support", 0.77)
    visitor.part("more").click()
    visitor.part("llinc").click()
    expect(visitor.page).to_have_url(re.compile("emotional_support=0.77.*llinc:4"))
    visitor.reload()
    expect(visitor.part("child")).to_have_value("4")
    expect(visitor.part("emotional_support")).to_have_value("0.77")
    expect(visitor.part("llinc")).to_have_attribute("aria-checked", "true")


AT_ONCE = """() => {
  const part = name => document.querySelector(`[data-test='${name}']`), shown = []
  document.querySelector(".child[data-child='4']").dispatchEvent(new MouseEvent("click", { bubbles: true }))
  part("strain").value = 0.9
  part("strain").dispatchEvent(new Event("input", { bubbles: true }))
  const look = () => {
    shown.push(part("child").value)
    if (!document.querySelector(".spiraal[aria-busy='true']")) return shown
    return new Promise(resolve => setTimeout(() => resolve(look()), 5))
  }
  part("llinc").click()
  return new Promise(resolve => setTimeout(() => resolve(look()), 0))
}"""
"""Follows a child, moves a slider, and switches something on before any of it is answered; gives whom a page shows."""


def test_what_is_switched_on_is_for_the_child_that_was_picked_a_moment_before(visit: Visit) -> None:
    visitor = visit()
    visitor.part("more").click()
    expect(visitor.part("llinc")).to_be_visible()
    shown = visitor.page.evaluate(AT_ONCE)
    expect(visitor.page).to_have_url(re.compile("strain=0.9.*llinc:4"))
    assert set(shown) == {"4"}


def test_a_link_shows_the_same_picture_elsewhere(visit: Visit) -> None:
    visitor = visit("?scenario=samen-spel")
    visitor.drag("scrubber", 14.5)
    visitor.part("arrows-class").click()
    visitor.part("arm-without").click()
    visitor.drag("strain", 0.07)
    expect(visitor.page).to_have_url(re.compile("strain=0.07.*week=14.5.*arm=without.*arrows=class"))
    # what was before a change is no part of the link
    drawn = "[...document.querySelectorAll('.map-frame svg > g > :not(.moved)')].map(part => part.outerHTML).join()"
    other = visit(visitor.page.url.partition("/?")[2].join(["?", ""]))
    other.page.wait_for_function(f"before => {drawn} === before", arg=visitor.page.evaluate(drawn))
    assert other.figures() == visitor.figures()


def test_back_and_forward(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    current = page.locator("nav [aria-current]")
    visitor.part("view-map").click()
    expect(page).to_have_url(re.compile("view=map"))
    visitor.part("view-trajectories").click()
    expect(page).to_have_url(re.compile("view=trajectories"))
    visitor.drag("strain", 0.2)
    expect(page).to_have_url(re.compile("strain=0.2"))
    page.go_back()
    expect(current).to_have_text("Class map")
    expect(visitor.part("strain")).not_to_have_value("0.2")
    page.go_back()
    expect(current).to_have_text("Story")
    page.go_forward()
    page.go_forward()
    expect(current).to_have_text("Trajectories")
    expect(visitor.part("strain")).to_have_value("0.2")
    visitor.reload()
    expect(current).to_have_text("Trajectories")
    expect(visitor.part("strain")).to_have_value("0.2")


def test_a_link_with_nonsense_opens_with_a_notice(visit: Visit) -> None:
    visitor = visit("?v=1&seed=x&strain=7&child=3&whatever=1&interventions=nothing:1")
    expect(visitor.page.get_by_text("Part of the link could not be used")).to_be_visible()
    expect(visitor.part("child")).to_have_value("3")
    visitor = visit("?scenario=no-such-story")
    expect(visitor.part("scenario")).to_have_value("irritated-teacher")


def test_visitors_do_not_see_each_other(visit: Visit) -> None:
    one, other = visit(), visit()
    before = other.figures()
    one.page.locator(".child[data-child='9']").click()
    one.drag("strain", 0.0)
    one.drag("scrubber", 12)
    in_week(one, 12)
    expect(one.page).to_have_url(re.compile("strain=0"))
    in_week(other, 0)
    assert other.figures() == before
    third = visit()
    in_week(third, 0)
    assert third.figures() == before


def test_without_motion_the_year_goes_by_the_week(visit: Visit) -> None:
    visitor = visit(reduced_motion="reduce")
    visitor.page.evaluate(
        """() => {
          window.seen = []
          const scrubber = document.querySelector("[data-test='scrubber']")
          new MutationObserver(() => window.seen.push(Number(scrubber.value))).observe(document.body, {
            subtree: true, characterData: true, childList: true, attributes: true })
        }"""
    )
    visitor.page.keyboard.press("Space")
    in_week(visitor, 3)
    visitor.page.keyboard.press("Space")
    assert all(abs(week - round(week)) < 0.2 for week in visitor.page.evaluate("window.seen"))


@pytest.fixture(scope="session")
def nasty_scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in which a child has a name that is markup."""
    folder = tmp_path_factory.mktemp("nasty")
    names = [NASTY, "{name}", "Anaïs-Charlotte van den Bogaert", "' --", *(f"Child {i}" for i in range(8))]
    (folder / "class.csv").write_text("\n".join(["name", *names]), encoding="utf-8")
    scenario = folder / "nasty.toml"
    scenario.write_text(
        f'title = "{NASTY}"\nfollow = "{NASTY}"\n[class]\nlist = "class.csv"\n'
        f'[[interventions]]\nname = "llinc"\ntarget = ["{NASTY}"]\nstart_week = 2\n',
        encoding="utf-8",
    )
    return scenario


def test_a_name_that_is_markup_is_shown_as_text(
    visit: Visit, serve: Callable[..., Server], nasty_scenario: Path
) -> None:
    visitor = visit(at=serve(nasty_scenario))
    page = visitor.page
    expect(visitor.part("child").locator("option").first).to_have_text(NASTY)
    expect(page.locator(".child[data-child='0'] title")).to_contain_text(NASTY)
    page.keyboard.press("End")
    in_week(visitor, 36)
    expect(page.locator(".story li").filter(has_text=NASTY).first).to_be_visible()
    visitor.part("look-with").click()
    for part in ("scene-title", "scene-begins", "scene-acts"):
        expect(visitor.part(part)).to_contain_text(NASTY)
    page.keyboard.press("Escape")
    assert page.locator("img").count() == 0
    page.locator(".child[data-child='1']").click()
    visitor.part("more").click()
    expect(page.locator(".what-if h3", has_text="{name}")).to_be_visible()
    assert "Child" not in page.url


def test_the_server_asks_nothing_of_the_network(visit: Visit, server: Server) -> None:
    visitor = visit()
    visitor.drag("strain", 0.33)
    expect(visitor.page).to_have_url(re.compile("strain=0.33"))
    assert not server.outward.exists(), server.outward.read_text()


def test_the_front_door(visit: Visit, tmp_path: Path) -> None:
    command = ["-m", "solara", "run", "app.py", "--port", "0", "--host", "127.0.0.1", "--no-open", "--no-check-version"]
    with running(command, tmp_path) as front_door:
        wait_until_ready(front_door)
        visitor = visit(at=front_door)
        in_week(visitor, 0)
        assert not front_door.outward.exists(), front_door.outward.read_text()
        visitor.page.context.close()


def wait_until_ready(server: Server) -> None:
    """Ask a server that says its address too early until it answers."""
    import urllib.error
    import urllib.request

    while True:
        try:
            urllib.request.urlopen(f"{server.address}/readyz", timeout=60).close()  # noqa: S310 - an http address
        except urllib.error.HTTPError:
            return
        except OSError:
            continue
        return


def test_a_port_in_use_is_told(server: Server, tmp_path: Path) -> None:
    import subprocess
    import sys

    port = server.address.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", "app", "--port", port, "--no-browser"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert port in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("size", [(844, 390), (683, 384), (390, 844), (1024, 768)])
def test_play_stays_in_sight_and_takes_little_of_a_small_screen(size: tuple[int, int], visit: Visit) -> None:
    width, height = size
    visitor = visit(viewport={"width": width, "height": height})
    play, bar = (visitor.page.locator(part).bounding_box() for part in (".transport .play", ".transport"))
    assert play["y"] >= 0.0
    assert play["y"] + play["height"] <= height
    assert bar["height"] <= 0.12 * height
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


COVERED = """() => {
  const cards = [...document.querySelectorAll("main .card")].filter(card => card.offsetParent)
  const over = (one, other) => one !== other && !one.contains(other) && !other.contains(one)
  const boxes = new Map(cards.map(card => [card, card.getBoundingClientRect()]))
  const above = (a, b) => a.bottom <= b.top + 1, left = (a, b) => a.right <= b.left + 1
  const apart = (a, b) => above(a, b) || above(b, a) || left(a, b) || left(b, a)
  return cards.filter(one => cards.some(other => over(one, other) && !apart(boxes.get(one), boxes.get(other))))
    .map(one => one.className)
}"""
"""Cards that lie on each other."""


@pytest.mark.parametrize("language", ["en-GB", "nl-BE"])
def test_a_phone_shows_first_what_its_view_is_about(language: str, visit: Visit) -> None:
    visitor = visit("?week=36", locale=language, viewport={"width": 390, "height": 844})
    for view in reversed([view for view in VIEWS if view != "own"]):
        tab = visitor.part(f"view-{view}")
        tab.click()
        expect(tab).to_have_attribute("aria-current", "page")
        visitor.arrive()
        shown = visitor.page.locator("main > :not(.what-if)").first
        expect(shown).to_be_visible()
        box = tab.bounding_box()
        assert box["x"] >= 0, view
        assert box["x"] + box["width"] <= 390, view
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390, view
        assert visitor.page.evaluate(COVERED) == [], view
        if view != "story":
            assert shown.bounding_box()["y"] < 200, view
