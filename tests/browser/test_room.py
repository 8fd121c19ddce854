"""A room full of people: five steps that can be read from the back, and a vote by phone or by hand."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser.conftest import ELSEWHERE, Server, Visitor, running, troubles
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, followed, pair_of
from sim.dashboard.stories import KINDS, stories
from sim.dashboard.web.network import EVERYONE, Place, addresses
from sim.run import simulate
from sim.state import to_item_mean

Visit = Callable[..., Visitor]

TOKEN = "of-all-days"  # noqa: S105 - of these tests
STEPS = ("question", "vote", "play", "result", "explanation")
LOCALES = {"en": "en-GB", "nl": "nl-BE"}
SCREENS = ((1280, 720), (1920, 1080))
ANY_HARM = ("serious", "critical", "moderate")
"""Impacts, in the words of axe, of what a room is not to meet with."""

NAME = 0.04
"""Share of the screen's height that a capital of the followed child's name has at least."""
READ = 0.02
"""The same of all that the room reads: on a picture of 1.5 m in height it is 3 cm, from 12 m nearly nine minutes of
arc, where five are the least that a good eye can tell apart."""
HANDLED = 0.016
"""The same of what only whoever presents has to read: buttons, keys and the head of the page."""

CAPITALS = """() => {
  const pen = document.createElement("canvas").getContext("2d"), found = []
  const hidden = ".hidden, [hidden], option, title, dialog:not([open])"
  const controls = "button, select, header, nav, .hands, .transport, kbd"
  const walker = document.createTreeWalker(document.querySelector(".spiraal"), NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.data.trim()
    const { width, right } = element.getBoundingClientRect(), style = getComputedStyle(element)
    if (!text || width <= 2 || right <= 0 || style.clipPath !== "none" || element.closest(hidden)) continue
    if (!element.checkVisibility({ visibilityProperty: true })) continue
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    found.push({
      text, capital: pen.measureText("H").actualBoundingBoxAscent / innerHeight,
      name: element.closest("[data-test='pair-name']") !== null, handled: element.closest(controls) !== null,
    })
  }
  return found
}"""
"""All texts that can be seen: how high their capitals are, whether they are the followed child's name, or a control."""

CLIPPED = """() => [...document.querySelectorAll(".stage, .stage *")].filter(element => {
  if (element.closest("select, option, .hidden, svg") && !(element instanceof SVGSVGElement)) return false
  const style = getComputedStyle(element), { left, top, right, bottom, width } = element.getBoundingClientRect()
  if (width <= 2 || style.display === "inline" || style.clipPath !== "none") return false
  const larger = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1
  const cut = larger && style.overflow !== "visible" && !(element instanceof SVGElement) && element.tagName !== "INPUT"
  return cut || left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1
}).map(element => element.outerHTML.slice(0, 120))"""
"""Parts of the stage of which something is cut off."""

OUT_OF_PICTURE = """() => [...document.querySelectorAll(".stage svg text")].filter(text => {
  if (!text.checkVisibility()) return false
  const box = text.getBoundingClientRect(), { left, top, right, bottom } = text.ownerSVGElement.getBoundingClientRect()
  return box.left < left - 1 || box.right > right + 1 || box.top < top - 1 || box.bottom > bottom + 1
}).map(text => text.textContent)"""
"""Texts of a picture that do not stand in it."""

RADII = "circles => circles.map(circle => circle.r.baseVal.value)"

PARTS = (
    *("[data-test='stage-head']", ".once-more", ".vote-head", ".vote-row", ".vote-tools", ".way-in > *", ".measured"),
    *(".score-row", ".stage-tools", ".lane-row", ".lane-key", ".transport", ".fact", ".small"),
)
ON_EACH_OTHER = """parts => {
  const all = [...document.querySelectorAll(parts)], boxes = all.map(element => element.getBoundingClientRect())
  const touch = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  const others = i => all.filter((_, j) => j > i && touch(boxes[i], boxes[j]))
  return all.flatMap((one, i) => others(i).map(other => [one.className, other.className]))
}"""
"""Parts of a step that lie on each other."""


WIDTHS = "all => all.map(one => one.getBoundingClientRect().width)"
FOUR = "page,page:samen-spel,worn_out:samen-spel:llinc,supportive"

WATCH = """() => {
  const all = { subtree: true, childList: true, characterData: true, attributes: true }
  const title = document.querySelector(".story-pick")
  const look = () => window.seen.push([title.value, document.querySelector(".stage")?.innerText ?? ""])
  window.seen = []
  new MutationObserver(look).observe(document.querySelector(".spiraal"), all)
  title.addEventListener("change", () => requestAnimationFrame(look))
}"""
"""Writes down all that stands on the stage, with the story whose title is above it."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard as others reach it, with a token in its link."""
    command = ["-m", "sim.cli", "app", "--port", "0", "--no-browser"]
    folder = tmp_path_factory.mktemp("room")
    with running(command, folder, SPIRAAL_HOSTS=ELSEWHERE, SPIRAAL_TOKEN=TOKEN) as server:
        yield replace(server, address=f"http://{ELSEWHERE}:{urlsplit(server.address).port}")


@pytest.fixture
def present(visit: Visit, shared: Server) -> Callable[..., Visitor]:
    """Opens the page of whoever presents."""

    def open_page(query: str = "", language: str = "en", size: tuple[int, int] = SCREENS[0]) -> Visitor:
        viewport = {"width": size[0], "height": size[1]}
        link = f"?token={TOKEN}&mode=present&{query}"
        return visit(link, at=shared, hosts=frozenset({ELSEWHERE}), locale=LOCALES[language], viewport=viewport)

    return open_page


class Phone:
    """A phone in the room: a browser of its own, and all that it ever gets."""

    def __init__(self, chromium: Any, link: str, language: str = "en") -> None:
        self.context = chromium.new_context(
            viewport={"width": 320, "height": 640}, locale=LOCALES[language], has_touch=True, is_mobile=True
        )
        self.page = self.context.new_page()
        self.got: list[str] = []
        self.asked: list[str] = []
        self.trouble: list[str] = []
        self.page.on("response", self.answered)
        self.page.on("websocket", lambda socket: self.trouble.append(f"websocket: {socket.url}"))
        self.page.on("console", lambda message: self.trouble.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.goto(link)

    def answered(self, response: Any) -> None:
        """Keep what comes, with its headers."""
        self.asked.append(f"{response.request.method} {urlsplit(response.url).path}")
        self.got.append(json.dumps(response.headers))
        if response.status != 204:
            self.got.append(response.text())

    def button(self, kind: str) -> Any:
        """The button of an answer."""
        return self.page.locator(f"button[data-kind='{kind}']")


@pytest.fixture
def phones(chromium: Any) -> Iterator[Callable[..., Phone]]:
    """Lets phones open the page of a vote; nothing may have gone wrong on any."""
    opened: list[Phone] = []

    def open_page(link: str, language: str = "en") -> Phone:
        opened.append(Phone(chromium, link, language))
        return opened[-1]

    yield open_page
    for phone in opened:
        phone.context.close()
        assert phone.trouble == []


def link_of(visitor: Visitor) -> str:
    """The link that the room is shown."""
    return f"http://{visitor.part('vote-link').inner_text().strip()}"


def go(visitor: Visitor, step: str) -> None:
    """Go to a step, and wait until it is there."""
    visitor.part(f"step-{step}").click()
    expect(visitor.part(f"stage-{step}")).to_have_attribute("aria-busy", "false")


def send(server: Server, link: str, content: dict[str, Any], voter: str | None = None) -> int:
    """Answer as a phone does; gives the status."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.address).port, timeout=30)
    try:
        connection.request(
            "POST", urlsplit(link).path, json.dumps({"voter": voter or secrets.token_hex(16), **content})
        )
        return connection.getresponse().status
    finally:
        connection.close()


def asked(server: Server, link: str) -> dict[str, Any]:
    """What phones are told now."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.address).port, timeout=30)
    connection.request("GET", f"{urlsplit(link).path}/now")
    return json.loads(connection.getresponse().read())


def ballot_of(server: Server, link: str, question: str, *, again: bool = False) -> int:
    """The ballot of a question, as soon as phones are asked it: the page shows its link a moment before."""
    deadline = time.monotonic() + 10
    while True:
        now = asked(server, link)
        if now["open"] and now["again"] == again and now["question"] == question:
            return now["ballot"]
        assert time.monotonic() < deadline, now
        time.sleep(0.05)


def counted(visitor: Visitor, round_: int = 1) -> dict[str, int]:
    """The bars of a vote."""
    return {kind: int(visitor.part(f"count-{round_}-{kind}").inner_text()) for kind in ("more", "less", "same")}


def scores(scenario: str, **more: Any) -> tuple[float, float]:
    """How a story ends in both classes, on the scale of the page."""
    story, choices = stories()[scenario], Choices(scenario=scenario, **more)
    child, found = followed(choices), []
    for one in pair_of(choices):
        assert one is not None
        year = simulate(one)
        found.append(float(to_item_mean(year.children[story.measure][year.calendar.last_day(story.week), child])))
    return found[0], found[1]


# --- Five steps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SCREENS, ids=lambda size: f"{size[1]}p")
@pytest.mark.parametrize("language", LOCALES)
def test_every_step_can_be_read_from_the_back_and_nothing_is_cut_off(
    present: Callable[..., Visitor], shared: Server, language: str, size: tuple[int, int]
) -> None:
    told = (
        [*stories().values()] if size == SCREENS[0] else [stories()["irritated-teacher"], stories()["social-architect"]]
    )
    visitor = present(f"scenario={told[0].scenario}", language, size)
    for story in told:
        visitor.part("scenario").select_option(story.scenario)
        told_as = story.told(language)
        expect(visitor.part("stage-question")).to_contain_text(told_as["question"][:30])
        for step, again in (*((step, False) for step in STEPS), ("vote", True), ("result", True)):
            if again and step == "vote":
                visitor.page.keyboard.press("v")
            else:
                go(visitor, step)
            if step == "vote":
                expect(visitor.part("vote-code")).to_be_visible()
                link = link_of(visitor)
                vote = {"ballot": ballot_of(shared, link, told_as["question"], again=again), "choice": "same"}
                assert [send(shared, link, vote) for _ in range(12)] == [204] * 12
                expect(visitor.part("vote-clear")).to_be_visible()
            if step == "play":
                visitor.drag("scrubber", 3)
            named = read_from_the_back(visitor, size, (story.scenario, step))
            assert named <= {name_of(story.scenario)}
            assert step not in ("question", "play") or named, (story.scenario, step)


def read_from_the_back(visitor: Visitor, size: tuple[int, int], where: tuple[str, ...]) -> set[str]:
    """Hold a step to what can be read, with nothing cut off and nothing on each other; gives the name that is on it."""
    texts = visitor.page.evaluate(CAPITALS)
    assert all(text["capital"] >= NAME for text in texts if text["name"]), where
    for text in texts:
        assert text["capital"] >= (HANDLED if text["handled"] else READ), (*where, text)
    assert visitor.page.evaluate(CLIPPED) == [], where
    assert visitor.page.evaluate(OUT_OF_PICTURE) == [], where
    assert visitor.page.evaluate(ON_EACH_OTHER, ", ".join(PARTS)) == [], where
    height = "document.documentElement.scrollHeight"
    assert visitor.page.evaluate(f"[document.documentElement.scrollWidth, {height}]") == list(size), where
    for button in ("previous", "next"):
        box = visitor.part(button).bounding_box()
        assert box["height"] >= 0.075 * size[1] and box["width"] >= 0.1 * size[0]
    return {text["text"] for text in texts if text["name"]}


@pytest.mark.parametrize(("language", "size"), [("en", SCREENS[1]), ("nl", SCREENS[0])])
def test_columns_and_years_can_be_read_from_the_back(
    present: Callable[..., Visitor], language: str, size: tuple[int, int]
) -> None:
    visitor = present(
        f"scenario=irritated-teacher&step=side&week=30&columns={FOUR}&next_teacher=supportive", language, size
    )
    ranking = visitor.part("ranking")
    expect(ranking).to_contain_text("200", timeout=90_000)
    assert read_from_the_back(visitor, size, ("side", "lines")) == {"Martijn"}
    assert visitor.page.locator(".column-lines path").count() == 4
    told = [visitor.part(f"score-{place}").locator("strong").inner_text() for place in range(4)]
    visitor.part("shown-maps").click()
    expect(visitor.page.locator(".column-map svg")).to_have_count(4)
    assert read_from_the_back(visitor, size, ("side", "maps")) == {"Martijn"}
    rings = visitor.page.locator(".column-map .rings").evaluate_all(WIDTHS)
    assert min(rings) > 0.3 * size[1], "large maps"
    for year in (1, 2, 3):
        visitor.page.keyboard.press("PageDown")
        expect(visitor.part("left-over").locator("h3")).to_have_text(re.compile(f"^(Year|Jaar) {year}"))
        expect(visitor.part("left-over")).to_have_attribute("aria-busy", "false", timeout=90_000)
        assert read_from_the_back(visitor, size, ("years", str(year))) == {"Martijn"}
        assert visitor.page.locator(".lasting path.line").count() == 2 * year, "no year before its step"
    expect(visitor.part("next")).to_be_disabled()
    for _ in range(3):
        visitor.page.keyboard.press("PageUp")
    expect(visitor.part("stage-side")).to_be_visible()
    visitor.part("mode").click()
    for place, score in enumerate(told):
        expect(visitor.part(f"figures-{place}").locator("tr.shown td").first).to_have_text(score)


def name_of(scenario: str) -> str:
    """The child of a story."""
    choices = Choices(scenario=scenario)
    return pair_of(choices).without.classroom.rows()[followed(choices) or 0].name


def test_in_the_year_only_teacher_and_child_are_magnified(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=irritated-teacher&step=play")
    for lane in ("without", "with"):
        assert visitor.part(f"lane-{lane}").locator("svg text").all_text_contents() == ["teacher", "Martijn"]
        radii = sorted(visitor.part(f"lane-{lane}").locator("circle:visible").evaluate_all(RADII), reverse=True)
        assert len(radii) > 20, "the class is there"
        assert min(radii[:3]) > 3 * radii[3], "teacher, child and its ring"


def test_the_steps_tell_what_was_simulated(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=irritated-teacher")
    without, with_ = scores("irritated-teacher")
    expect(visitor.part("stage-question")).to_have_text(re.compile(re.escape(stories()["irritated-teacher"].question)))
    go(visitor, "result")
    expect(visitor.part("end-without")).to_contain_text(f"{without:.2f}")
    expect(visitor.part("end-with")).to_contain_text(f"{with_:.2f}")
    expect(visitor.part("stage-head")).to_have_text(
        "Visible difference. In the class “with Samen-Spel”, Martijn has less aggression after week 17."
    )
    go(visitor, "explanation")
    expect(visitor.part("stage-head")).to_have_text(stories()["irritated-teacher"].why)
    share = stories()["irritated-teacher"].share
    expect(visitor.part("often")).to_have_text(
        f"Less aggression: to be seen in {share:.0%} of 200 classes with other luck."
    )


def test_a_story_about_liking_shows_liking(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=social-architect&step=play&week=36")
    figures = [int(text) for text in visitor.part("lane-figure").all_inner_texts()]
    ties = [visitor.part(f"lane-{lane}").locator(".tie:not(.dislike)").count() for lane in ("without", "with")]
    assert ties == figures, "an arrow from each classmate who likes her"
    assert figures[1] > figures[0]
    expect(visitor.page.locator(".lane line.conflict")).to_have_count(0)
    go(visitor, "result")
    expect(visitor.part("stage-head")).to_contain_text("more classmates like Yasmina")


def test_the_year_stops_where_the_question_is_about_and_hides_what_comes(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=one-bad-week&step=vote")
    page = visitor.page
    secret = [f"{score:.2f}" for score in scores("one-bad-week")]
    page.keyboard.press("ArrowRight")
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    expect(page.locator(".tick")).to_have_count(0)
    shown = visitor.part("room").inner_text()
    assert not any(score in shown for score in secret)
    page.locator(".speed select").select_option("4")
    page.keyboard.press("PageDown")
    expect(page.locator(".spiraal.playing")).to_have_count(1)
    expect(visitor.part("now")).to_have_text("week 8 of 36", timeout=10_000)
    expect(page.locator(".spiraal.playing")).to_have_count(0)
    assert visitor.part("lane-figure").all_inner_texts() == secret
    page.keyboard.press("PageDown")
    expect(visitor.part("stage-result")).to_be_visible()


def test_keys_and_buttons_lead_through_the_steps(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=irritated-teacher")
    page = visitor.page
    for key, step in (
        ("Space", "vote"),
        ("PageUp", "question"),
        ("ArrowRight", "vote"),
        ("ArrowLeft", "question"),
        ("PageDown", "vote"),
        ("PageDown", "play"),
    ):
        page.keyboard.press(key)
        expect(visitor.part(f"stage-{step}")).to_be_visible()
        expect(visitor.part(f"step-{step}")).to_have_attribute("aria-current", "step")
    page.keyboard.press("ArrowRight")
    expect(visitor.part("now")).to_have_text("week 1 of 36")
    page.keyboard.press("Space")
    expect(page.locator(".spiraal.playing")).to_have_count(1)
    page.keyboard.press("Space")
    visitor.part("next").click()
    expect(visitor.part("stage-result")).to_be_visible()
    page.keyboard.press("Space")
    expect(visitor.part("stage-explanation")).to_be_visible()
    expect(page).to_have_url(re.compile("step=explanation"))
    visitor.part("next").click()
    expect(visitor.part("big-samen-spel")).to_have_attribute("aria-checked", "true")
    expect(page).to_have_url(re.compile("step=classes"))
    page.keyboard.press("PageUp")
    expect(page).to_have_url(re.compile("step=explanation"))
    expect(visitor.part("stage-explanation")).to_be_visible()
    page.go_back()
    expect(visitor.part("twins")).to_be_visible()
    visitor.reload()
    expect(visitor.part("twins")).to_be_visible()
    visitor.part("to-steps").click()
    page.keyboard.press("?")
    expect(visitor.part("key-list")).to_contain_text("PgDn")
    page.keyboard.press("?")
    page.keyboard.press("n")
    expect(visitor.part("stage-play")).to_be_visible()
    expect(page).to_have_url(re.compile("seed="))
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    expect(page.locator(".tick")).to_have_count(0)


def test_no_old_sentence_stands_under_a_new_headline(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=irritated-teacher&step=result")
    go(visitor, "result")
    visitor.page.evaluate(WATCH)
    names = {"irritated-teacher": "Martijn", "one-bad-week": "Milan", "restless-class": "Bram", "both-halves": "Daan"}
    for scenario in ("one-bad-week", "restless-class", "both-halves"):
        visitor.part("scenario").select_option(scenario)
        expect(visitor.part("stage-question")).to_contain_text(names[scenario])
        go(visitor, "result")
        expect(visitor.part("stage-head")).to_contain_text(names[scenario])
    visitor.page.keyboard.press("n")
    go(visitor, "result")
    seen = visitor.page.evaluate("window.seen")
    assert {title for title, _said in seen} == set(names) - {"irritated-teacher"}
    for title, said in seen:
        assert not any(name in said for scenario, name in names.items() if scenario != title), (title, said)


def test_steps_are_about_the_story_as_it_was(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=irritated-teacher&step=question&child=1")
    expect(visitor.part("strayed")).to_be_visible()
    visitor.part("back").click()
    expect(visitor.part("stage-question")).to_contain_text("Martijn")
    visitor.part("step-classes").click()
    expect(visitor.part("big-banking-time")).to_be_visible()
    visitor.page.keyboard.press("3")
    expect(visitor.part("big-banking-time")).to_have_attribute("aria-checked", "true")
    visitor.part("to-steps").click()
    expect(visitor.part("strayed")).to_be_visible()
    other = present("scenario=irritated-teacher&step=explanation&strain=0.9")
    expect(other.part("altered")).to_be_visible()
    expect(other.part("often")).to_have_count(0)


def test_what_has_no_story_has_no_steps(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=ordinary-class&step=vote")
    expect(visitor.part("alone")).to_be_visible()
    expect(visitor.part("room")).to_have_count(0)
    visitor.page.keyboard.press("PageDown")
    expect(visitor.part("alone")).to_be_visible()


def test_what_has_no_story_has_columns_and_years(present: Callable[..., Visitor]) -> None:
    visitor = present("scenario=ordinary-class&week=20")
    visitor.part("to-side").click()
    expect(visitor.page.locator(".step-bar li")).to_have_text(["Both classes", "Side by side", "Years"])
    visitor.page.keyboard.press("PageDown")
    expect(visitor.part("alone")).to_be_visible()
    visitor.page.keyboard.press("PageUp")
    expect(visitor.part("stage-side")).to_be_visible()
    visitor.page.keyboard.press("q")
    shared_link = visitor.part("share-address").input_value()
    assert "view=side" in shared_link and not re.search("mode=|step=", shared_link)
    visitor.page.keyboard.press("Escape")
    visitor.part("previous").click()
    expect(visitor.part("alone")).to_contain_text("or press its number")


@pytest.mark.parametrize("language", LOCALES)
def test_nobody_is_shut_out_of_a_presentation(present: Callable[..., Visitor], language: str) -> None:
    visitor = present("scenario=irritated-teacher", language)
    for step in (*STEPS, "side", "years"):
        go(visitor, step)
        assert troubles(visitor.page, impacts=ANY_HARM) == [], step
    assert "{" not in visitor.part("room").inner_text()


# --- The vote --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "size"), [("en", SCREENS[0]), ("nl", SCREENS[1])])
def test_a_phone_votes_and_the_room_sees_it(
    present: Callable[..., Visitor], phones: Callable[..., Phone], language: str, size: tuple[int, int]
) -> None:
    visitor = present("scenario=irritated-teacher&step=vote", language, size)
    phone = phones(link_of(visitor), "en")
    page, told = phone.page, stories()["irritated-teacher"].told(language)  # type: ignore[arg-type]
    expect(page.locator("h1")).to_have_text(told["question"])
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("button")).to_have_count(3)
    assert [button.get_attribute("data-kind") for button in page.locator("button").all()] == list(KINDS["aggression"])
    assert page.locator("button").all_inner_texts() == visitor.page.locator(".vote-label").all_inner_texts()
    assert troubles(page, impacts=ANY_HARM) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for button in page.locator("button").all():
        assert button.bounding_box()["height"] >= 64
    assert counted(visitor) == {"more": 0, "less": 0, "same": 0}
    phone.button("less").tap()
    expect(visitor.part("count-1-less")).to_have_text("1")
    expect(phone.button("less")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#said")).to_contain_text(phone.button("less").inner_text().removeprefix("✓ "))
    assert troubles(page, impacts=ANY_HARM) == []
    phone.button("more").tap()
    expect(visitor.part("count-1-more")).to_have_text("1")
    page.reload()
    expect(phone.button("more")).to_have_attribute("aria-pressed", "true")
    phone.button("same").tap()
    expect(visitor.part("count-1-same")).to_have_text("1")
    assert counted(visitor) == {"more": 0, "less": 0, "same": 1}, "one vote a phone"
    box = visitor.part("vote-code").bounding_box()
    assert min(box["width"], box["height"]) > 0.45 * size[1], "it is read from the back of a room"


def test_the_vote_follows_the_language_and_is_opened_and_closed(
    present: Callable[..., Visitor], phones: Callable[..., Phone]
) -> None:
    visitor = present("scenario=irritated-teacher&step=vote")
    phone = phones(link_of(visitor))
    phone.button("less").tap()
    expect(visitor.part("count-1-less")).to_have_text("1")
    visitor.page.get_by_role("button", name="NL", exact=True).click()
    expect(phone.page.locator("h1")).to_have_text(stories()["irritated-teacher"].question_nl)
    expect(phone.button("less")).to_have_attribute("aria-pressed", "true")
    visitor.part("vote-open").click()
    expect(phone.page.locator("h1")).to_have_text("De stemming is gesloten. Kijk naar het scherm.")
    expect(phone.button("less")).not_to_be_visible()
    visitor.part("vote-open").click()
    expect(phone.button("less")).to_be_visible()
    visitor.part("vote-clear").click()
    expect(visitor.part("count-1-less")).to_have_text("0")
    expect(phone.button("less")).to_have_attribute("aria-pressed", "false")
    visitor.part("scenario").select_option("llinc")
    go(visitor, "vote")
    expect(phone.page.locator("h1")).to_have_text(stories()["llinc"].question_nl)
    expect(phone.button("more")).to_have_text("meer nabijheid")
    visitor.reload()
    expect(visitor.part("vote-link")).to_have_text(re.compile(re.escape(urlsplit(phone.page.url).path)))
    visitor.part("mode").click()
    expect(phone.page.locator("h1")).to_have_text("De stemming is gesloten. Kijk naar het scherm.")


def test_of_sixty_votes_at_once_none_is_lost(present: Callable[..., Visitor], shared: Server) -> None:
    visitor = present("scenario=irritated-teacher&step=vote")
    link = link_of(visitor)
    ballot = asked(shared, link)["ballot"]
    choices = ["less"] * 31 + ["same"] * 18 + ["more"] * 11
    together = threading.Barrier(60)

    def answer(choice: str) -> int:
        together.wait(30)
        return send(shared, link, {"ballot": ballot, "choice": choice})

    with ThreadPoolExecutor(60) as pool:
        assert set(pool.map(answer, choices)) == {204}
    expect(visitor.part("vote-total")).to_have_text(re.compile("^60 "))
    assert counted(visitor) == {"less": 31, "same": 18, "more": 11}


def test_a_hostile_phone_does_not_keep_others_from_voting(present: Callable[..., Visitor], shared: Server) -> None:
    visitor = present("scenario=irritated-teacher&step=vote")
    link = link_of(visitor)
    ballot, ended = asked(shared, link)["ballot"], threading.Event()
    tried = [0]

    def flood() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(shared.address).port, timeout=30)
        while not ended.is_set():
            content = {"voter": "0" * 32, "ballot": ballot, "choice": "more", "more": "x" * 300}
            connection.request("POST", urlsplit(link).path, json.dumps(content))
            connection.getresponse().read()
            tried[0] += 1

    hostile = [threading.Thread(target=flood, daemon=True) for _ in range(20)]
    for one in hostile:
        one.start()
    try:
        assert [send(shared, link, {"ballot": ballot, "choice": "less"}) for _phone in range(20)] == [204] * 20
    finally:
        ended.set()
        for one in hostile:
            one.join(30)
    assert tried[0] > 100
    expect(visitor.part("count-1-less")).to_have_text("20")
    expect(visitor.part("count-1-more")).to_have_text("1")


def test_the_second_vote_stands_beside_the_first(
    present: Callable[..., Visitor], phones: Callable[..., Phone], shared: Server
) -> None:
    visitor = present("scenario=irritated-teacher&step=vote")
    link = link_of(visitor)
    phone, first = phones(link), asked(shared, link)["ballot"]
    phone.button("less").tap()
    assert send(shared, link, {"ballot": first, "choice": "more"}) == 204
    expect(visitor.part("vote-total")).to_have_text("2 answers")
    go(visitor, "result")
    expect(phone.page.locator("h1")).to_have_text("The vote is closed. Look at the screen.")
    expect(phone.page.locator("#said")).to_have_text("Your answer: less aggression.")
    assert counted(visitor) == {"more": 1, "less": 1, "same": 0}
    expect(visitor.part("votes-less")).to_have_class(re.compile(r"\bout\b"))
    expect(visitor.part("votes-more")).not_to_have_class(re.compile(r"\bout\b"))
    assert send(shared, link, {"ballot": first, "choice": "same"}) == 409, "who has seen the outcome does not vote"
    go(visitor, "vote")
    expect(visitor.part("vote-total")).to_contain_text("The vote is closed: the outcome has been shown.")
    go(visitor, "explanation")
    visitor.part("vote-again").click()
    expect(phone.page.locator("#ask")).to_contain_text("with other luck")
    expect(phone.button("less")).to_have_attribute("aria-pressed", "false")
    phone.button("same").tap()
    expect(visitor.part("count-2-same")).to_have_text("1")
    assert counted(visitor) == {"more": 1, "less": 1, "same": 0}
    visitor.part("next").click()
    expect(visitor.page).to_have_url(re.compile("seed="))
    go(visitor, "result")
    assert (counted(visitor), counted(visitor, 2)) == (
        {"more": 1, "less": 1, "same": 0},
        {"more": 0, "less": 0, "same": 1},
    )
    go(visitor, "question")
    visitor.part("step-play").click()
    visitor.page.get_by_role("button", name="Start over").click()
    go(visitor, "vote")
    expect(visitor.part("vote-total")).to_have_text("No answers yet")
    expect(phone.page.locator("#ask")).to_have_text("What do you expect?")


@pytest.mark.parametrize("language", LOCALES)
def test_a_phone_never_gets_the_outcome(
    present: Callable[..., Visitor], phones: Callable[..., Phone], shared: Server, chromium: Any, language: str
) -> None:
    visitor = present("scenario=irritated-teacher&step=vote", language)
    phone = phones(link_of(visitor), language)
    told = stories()["irritated-teacher"].told(language)  # type: ignore[arg-type]
    shown: list[str] = []
    phone.button("less").tap()
    expect(visitor.part("count-1-less")).to_have_text("1")
    for step in ("play", "result", "explanation"):
        go(visitor, step)
        if step == "play":
            visitor.page.keyboard.press("End")
        phone.page.wait_for_event("response", lambda answer: answer.url.endswith("/now"))
        shown.append(phone.page.locator("html").inner_text())
        if step == "result":
            headline = visitor.part("stage-head").inner_text()
    visitor.page.keyboard.press("v")
    expect(phone.button("same")).to_be_visible()
    phone.button("same").tap()
    expect(visitor.part("count-2-same")).to_have_text("1")
    shown.append(phone.page.locator("html").inner_text())
    phone.page.reload()
    phone.page.wait_for_event("response", lambda answer: answer.url.endswith("/now"))
    outcome = [headline, told["why"], told["source"], *told["explanation"].split("\n\n")]
    outcome += [f"{score:.2f}" for score in scores("irritated-teacher")]
    outcome += [score.replace(".", ",") for score in outcome[-2:]]
    assert len(phone.got) > 10
    everything = "\n".join(phone.got + shown + [phone.page.content()])
    assert told["question"] in everything
    for part in outcome:
        assert part and part not in everything, part
    assert set(phone.asked) == {
        f"GET {urlsplit(phone.page.url).path}",
        f"GET {urlsplit(phone.page.url).path}/now",
        f"POST {urlsplit(phone.page.url).path}",
    }
    assert TOKEN not in everything
    assert phone.context.cookies() == []
    other = phone.context.new_page()
    for path in ("/", "/?mode=present&step=result", "/readyz"):
        assert other.goto(f"{shared.address}{path}").status == 403, "the code of a vote leads nowhere else"


def test_a_phone_that_loses_its_connection_goes_on_by_itself(
    present: Callable[..., Visitor], phones: Callable[..., Phone]
) -> None:
    visitor = present("scenario=irritated-teacher&step=vote")
    phone = phones(link_of(visitor))
    expect(phone.button("less")).to_be_visible()
    phone.context.set_offline(True)
    phone.button("less").tap()
    expect(phone.page.locator("#said")).to_have_text("No connection. It is tried again …")
    assert counted(visitor)["less"] == 0
    phone.context.set_offline(False)
    expect(visitor.part("count-1-less")).to_have_text("1")
    expect(phone.page.locator("#said")).to_contain_text("Your answer: less aggression.")
    phone.trouble.clear()  # the browser says that it had no network


# --- Hands, and where phones find the page ---------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
def test_where_it_is_not_shared_hands_are_counted(visit: Visit, language: str) -> None:
    visitor = visit("?mode=present&step=vote&scenario=irritated-teacher", locale=LOCALES[language])
    expect(visitor.part("vote-how")).to_contain_text("spiraal app --share")
    expect(visitor.part("vote-code")).to_have_count(0)
    visitor.part("hands-less").fill("23")
    visitor.part("hand-same").click()
    visitor.part("hand-same").click()
    visitor.part("hands-more").fill("-4")
    assert counted(visitor) == {"more": 0, "less": 23, "same": 2}
    assert troubles(visitor.page, impacts=ANY_HARM) == []
    visitor.part("next").click()
    go(visitor, "result")
    assert counted(visitor) == {"more": 0, "less": 23, "same": 2}
    visitor.page.keyboard.press("v")
    visitor.part("hands-more").fill("7")
    assert (counted(visitor)["less"], counted(visitor, 2)["more"]) == (23, 7)


def test_hands_and_phones_are_counted_together(present: Callable[..., Visitor], shared: Server) -> None:
    visitor = present("scenario=irritated-teacher&step=vote")
    link = link_of(visitor)
    assert send(shared, link, {"ballot": asked(shared, link)["ballot"], "choice": "less"}) == 204
    visitor.page.keyboard.press("h")
    visitor.part("hands-less").fill("5")
    expect(visitor.part("count-1-less")).to_have_text("6")
    expect(visitor.part("vote-total")).to_have_text("6 answers")
    visitor.reload()
    expect(visitor.part("count-1-less")).to_have_text("6")


def test_with_share_phones_are_led_to_an_address_that_they_reach(
    visit: Visit, phones: Callable[..., Phone], tmp_path: Path
) -> None:
    own = list(addresses(Place(EVERYONE[0], socket.AF_INET)))
    if not own:
        pytest.skip("this computer is on no network")
    said: list[str] = []
    with running(["-m", "sim.cli", "app", "--share", "--port", "0", "--no-browser"], tmp_path, said=said) as server:
        token = re.search(r"token=(\w+)", "".join(said))[1]
        visitor = visit(f"?token={token}&mode=present&step=vote&scenario=irritated-teacher", at=server)
        link = link_of(visitor)
        assert urlsplit(link).hostname == own[0], "though the page itself is open at an address of this computer alone"
        assert token not in link
        many = [phones(link) for _ in range(6)]
        for phone in many:
            phone.button("less").tap()
        expect(visitor.part("vote-refused")).to_contain_text("Answers not counted: 1.")
        expect(visitor.part("count-1-less")).to_have_text("5")
        expect(many[-1].page.locator("#said")).to_contain_text("Raise your hand")
        visitor.part("vote-let-in").click()
        expect(visitor.part("count-1-less")).to_have_text("6")
        expect(many[-1].page.locator("#said")).to_contain_text("Your answer: less aggression.")
        assert not server.outward.exists(), server.outward.read_text()
        for phone in many:
            phone.trouble[:] = [text for text in phone.trouble if "429" not in text]  # the browser tells of it
            phone.page.close()
        visitor.page.context.close()
