"""A lesson: made in any view, kept as a file, led with one clicker, and printed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.conftest import ELSEWHERE, Server, Visitor, troubles
from playwright.sync_api import expect

from sim.dashboard.lesson import in_language, lessons
from sim.dashboard.stories import stories

Visit = Callable[..., Visitor]

LOCALES = {"en": "en-GB", "nl": "nl-BE"}
HOSTILE = "<img src=x onerror=alert(1)> {{ 1 + 1 }}"
PHONE = {"width": 390, "height": 844}
PRINT = "() => { window.print = () => { document.documentElement.dataset.printed = 'yes' } }"


def shipped(visitor: Visitor, name: str) -> None:
    """Open a lesson that comes with the program."""
    visitor.part("lesson").click()
    visitor.part(f"lesson-{name}").click()
    expect(visitor.part("lesson-steps").locator("li")).to_have_count(len(lessons()[name].steps))


def saved(visitor: Visitor) -> bytes:
    """The file that is saved."""
    with visitor.page.expect_download() as download:
        visitor.part("lesson-save").click()
    assert download.value.suggested_filename == "spiraal-lesson.toml"
    return Path(download.value.path()).read_bytes()


def opened(visitor: Visitor, name: str, content: bytes) -> None:
    """Open a file."""
    visitor.part("lesson-open").set_input_files({"name": name, "mimeType": "application/toml", "buffer": content})


def headings(visitor: Visitor) -> list[str]:
    """Headings of the steps, in order."""
    fields = visitor.part("lesson-steps").locator(".lesson-heading")
    return [field.input_value() for field in fields.all()]


# --- Making ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
def test_a_lesson_is_made_in_any_view_saved_and_opened(visit: Visit, language: str) -> None:
    visitor = visit("?scenario=llinc&token=secret", locale=LOCALES[language])
    page = visitor.page
    expect(visitor.part("lesson-add")).to_have_count(0)
    visitor.part("lesson").click()
    visitor.part("lesson-add-here").click()
    visitor.part("lesson-close").click()
    visitor.part("view-map").click()
    expect(page).to_have_url(re.compile("view=map"))
    visitor.part("lesson-add").click()
    visitor.part("mode").click()
    expect(visitor.part("stage-question")).to_be_visible()
    visitor.part("step-explanation").click()
    expect(page).to_have_url(re.compile("step=explanation"))
    visitor.part("lesson-add").click()
    visitor.part("lesson").click()
    story, class_map, why = headings(visitor)
    assert story != class_map != why
    assert why.endswith({"en": "Why?", "nl": "Waarom?"}[language])
    visitor.part("lesson-title").fill(HOSTILE)
    first = visitor.part("lesson-step-0")
    first.locator("summary").click()
    visitor.part("lesson-note-0").fill(f"{HOSTILE}\nEén regel meer.")
    first.locator("[data-move='1']").click()
    assert headings(visitor) == [class_map, story, why]
    page.keyboard.press("Alt+ArrowDown")  # focus has gone along to the button of the same step
    assert headings(visitor) == [class_map, why, story]
    visitor.part("lesson-step-0").locator("button").nth(2).click()
    assert headings(visitor) == [why, story]
    visitor.part("lesson-undo").click()
    assert headings(visitor) == [class_map, why, story]
    visitor.part("lesson-step-1").locator(".lesson-minutes").fill("7")
    expect(visitor.part("lesson-total")).to_contain_text("17")

    file = saved(visitor)
    lesson = tomllib.loads(file.decode())
    assert lesson["title"] == HOSTILE
    assert [step["minutes"] for step in lesson["step"]] == [5, 7, 5]
    assert [step["link"] for step in lesson["step"]] == [
        "v=1&scenario=llinc&view=map",
        "v=1&scenario=llinc&view=map&mode=present&step=explanation",
        "v=1&scenario=llinc",
    ]
    assert "secret" not in file.decode()
    visitor.part("lesson-new").click()
    expect(visitor.part("lesson-steps")).to_have_count(0)
    opened(visitor, "mine.toml", file)
    expect(visitor.part("lesson-title")).to_have_value(HOSTILE)
    assert headings(visitor) == [class_map, why, story]
    visitor.part("lesson-from-2").locator("xpath=ancestor::details/summary").click()
    visitor.part("lesson-from-2").click()
    expect(page.locator(".view-story")).to_be_visible()
    page.keyboard.press("t")
    expect(visitor.part("lesson-noted")).to_contain_text(f"{HOSTILE}")
    assert saved_again(visitor) == file


def saved_again(visitor: Visitor) -> bytes:
    """The lesson as a file, from its presentation."""
    visitor.part("lesson").click()
    return saved(visitor)


def test_nothing_is_lost_without_being_asked(visit: Visit) -> None:
    visitor = visit("?scenario=llinc")
    visitor.part("lesson").click()
    visitor.part("lesson-add-here").click()
    visitor.part("lesson-title").fill("Mine")
    visitor.reload()
    assert visitor.held_back == 1, "the browser asked"
    visitor.part("lesson").click()
    expect(visitor.part("lesson-title")).to_have_value("Mine")
    opened(visitor, "broken.toml", b"version = 1\ntitle = 'x'\n[[step]]\nheading = 'h'\nlink = 'scenario=own'\n")
    expect(visitor.part("lesson-unsaved")).to_be_visible()
    visitor.part("lesson-keep").click()
    expect(visitor.part("lesson-unsaved")).to_have_count(0)
    visitor.part("lesson-new").click()
    visitor.part("lesson-keep").click()
    opened(visitor, "broken.toml", b"version = 1\ntitle = 'x'\n[[step]]\nheading = 'h'\nlink = 'scenario=own'\n")
    visitor.part("lesson-replace").click()
    problems = visitor.part("lesson-problems").locator("li")
    expect(problems).to_have_count(2)
    expect(problems.nth(0)).to_have_text(re.compile("^broken.toml: step 1, link: found “scenario=own”"))
    expect(problems.nth(1)).to_have_text(
        re.compile("^broken.toml: step 1, minutes: is missing; allowed: a whole number")
    )
    expect(visitor.part("lesson-title")).to_have_value("Mine")
    visitor.part("lesson-step-0").locator(".lesson-minutes").fill("")
    visitor.part("lesson-save").click()
    expect(problems).to_have_text(["step 1, minutes: found “”; allowed: a whole number from 1 to 240"])
    visitor.part("lesson-step-0").locator(".lesson-minutes").fill("4")
    saved(visitor)
    visitor.reload()
    assert visitor.held_back == 1, "all is in a file"


def test_a_class_of_ones_own_is_in_no_lesson(visit: Visit) -> None:
    visitor = visit("?view=own")
    visitor.part("own-use").click()
    expect(visitor.part("scenario")).to_have_value("own")
    visitor.part("lesson").click()
    expect(visitor.part("lesson-own")).to_contain_text("Your own class is in no lesson")
    expect(visitor.part("lesson-add-here")).to_be_disabled()
    visitor.part("lesson-one-story").click()
    visitor.part("lesson-close").click()
    expect(visitor.part("lesson-add")).to_be_disabled()


# --- Presenting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "language"), [("one-story", "nl"), ("several-stories", "en")])
def test_one_key_leads_through_a_lesson_and_tells_no_outcome_before_its_step(
    visit: Visit, name: str, language: str
) -> None:
    visitor = visit(locale=LOCALES[language], viewport={"width": 1280, "height": 720})
    page, lesson = visitor.page, in_language(lessons()[name], language)  # type: ignore[arg-type]
    shipped(visitor, name)
    visitor.part("lesson-present").click()
    seen: list[tuple[int, str, str]] = []
    while True:
        expect(page.locator(".spiraal.computing")).to_have_count(0)
        where = int(visitor.part("lesson-where").inner_text().split()[0]) - 1
        scenario = re.search("scenario=([a-z-]+)", lesson.steps[where].link)[1]  # type: ignore[index]
        expect(visitor.part("lesson-heading")).to_have_text(lesson.steps[where].heading)
        stage = page.locator(".stage, [data-test='twins'], .trajectories-view").first
        expect(stage).to_be_visible()
        kind = (stage.get_attribute("data-test") or "view").removeprefix("stage-")
        seen.append((where, scenario, kind))
        shown = page.locator(".spiraal").inner_text()
        told = stories()[scenario].told(language)  # type: ignore[arg-type]
        answers = [step.answer for step in lesson.steps if step.answer]
        assert not any(answer in shown for answer in answers)
        expect(page.locator(".score-row")).to_have_count(2 if kind == "result" else 0)
        assert (told["why"] in shown) == (kind == "explanation")
        if kind == "play":
            page.keyboard.press("End")
            page.wait_for_timeout(300)
        if kind in {"view", "twins"}:
            break
        page.keyboard.press("PageDown")
        page.wait_for_function(CHANGED, arg=[visitor.part("lesson-where").inner_text(), kind])
    stages = [kind for _where, _scenario, kind in seen]
    story = ["question", "vote", "play", "result", "explanation"]
    assert stages == (story * (len(seen) // 5)) + stages[-1:]
    assert sorted({where for where, _, _ in seen}) == list(range(len(lesson.steps))), "each step is shown"
    expect(visitor.part("lesson-next")).to_be_disabled()
    page.keyboard.press("PageUp")
    expect(visitor.part("stage-explanation")).to_be_visible()
    expect(visitor.part("lesson-where")).to_have_text(re.compile(rf"^{len(lesson.steps) - 1} "))
    page.keyboard.press("PageUp")
    expect(visitor.part("stage-result")).to_be_visible()
    visitor.part("lesson-end").click()
    expect(visitor.part("lesson-bar")).to_have_count(0)


def test_columns_and_years_are_steps_of_a_lesson(visit: Visit) -> None:
    query = "scenario=samen-spel&week=20&columns=page,page:llinc&years=2"
    visitor = visit(f"?{query}&view=side", viewport={"width": 1280, "height": 720})
    page = visitor.page
    for view in ("side", "years"):
        visitor.part(f"view-{view}").click()
        visitor.part("mode").click()
        expect(visitor.part(f"stage-{view}")).to_be_visible()
        visitor.part("lesson").click()
        visitor.part("lesson-add-here").click()
        visitor.part("lesson-close").click()
        visitor.part("mode").click()
        expect(visitor.part("room")).to_have_count(0)
    visitor.part("lesson").click()
    assert [heading.rsplit(": ", 1)[1] for heading in headings(visitor)] == ["Side by side", "Years"]
    links = [step["link"] for step in tomllib.loads(saved(visitor).decode())["step"]]
    assert ["step=side" in link for link in links] == [True, False] == ["step=years" not in link for link in links]
    visitor.part("lesson-present").click()
    for where, stage, year in (("1 of 2", "side", 0), ("2 of 2", "years", 1), ("2 of 2", "years", 2)):
        expect(visitor.part("lesson-where")).to_have_text(where)
        expect(visitor.part(f"stage-{stage}")).to_be_visible()
        if year:
            expect(visitor.part("left-over").locator("h3")).to_have_text(re.compile(f"^Year {year}"))
        else:
            expect(visitor.part("score-1")).to_be_visible()
        page.keyboard.press("PageDown")
    expect(visitor.part("next")).to_be_disabled()
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    expect(visitor.part("stage-side")).to_be_visible()
    expect(visitor.part("lesson-where")).to_have_text("1 of 2")


CHANGED = """([where, kind]) => {
  const now = document.querySelector("[data-test='lesson-where']").innerText
  const stage = document.querySelector(".stage")?.dataset.test ?? "view"
  return now !== where || stage !== `stage-${kind}`
}"""


def test_the_note_is_shown_on_a_key_and_clicks_are_followed(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    shipped(visitor, "one-story")
    visitor.part("lesson-present").click()
    expect(visitor.part("stage-question")).to_be_visible()
    note = lessons()["one-story"].steps[0].note.splitlines()[0]
    expect(visitor.part("lesson-noted")).to_have_count(0)
    assert note not in page.locator(".spiraal").inner_text()
    with page.expect_popup() as opening:
        visitor.part("lesson-beside").click()
    aside = opening.value
    expect(aside.locator("body")).to_contain_text(note)
    aside.keyboard.press("PageDown")
    expect(visitor.part("stage-vote")).to_be_visible()
    expect(aside.locator("h1")).to_have_text(lessons()["one-story"].steps[1].heading)
    aside.keyboard.press("PageUp")
    expect(visitor.part("stage-question")).to_be_visible()
    aside.close()
    expect(visitor.part("lesson-beside")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("t")
    expect(visitor.part("lesson-noted")).to_contain_text(note)
    expect(visitor.part("lesson-note")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Space")
    expect(visitor.part("lesson-where")).to_have_text("2 of 6")
    expect(visitor.part("lesson-noted")).to_have_count(0)
    page.keyboard.press("?")
    expect(visitor.part("key-list")).to_contain_text("note of this step")
    page.keyboard.press("?")
    expect(visitor.part("lesson-clock")).to_have_text("0 min; planned: 3 to 6 of 20")
    visitor.part("step-explanation").click()
    expect(visitor.part("lesson-where")).to_have_text("5 of 6")
    page.go_back()
    expect(visitor.part("lesson-where")).to_have_text("2 of 6")
    visitor.part("step-classes").click()
    expect(visitor.part("twins")).to_be_visible()
    visitor.part("lesson-previous").click()
    expect(visitor.part("stage-vote")).to_be_visible()
    visitor.reload()
    expect(visitor.part("lesson-where")).to_have_text("2 of 6")
    page.get_by_role("button", name="NL", exact=True).click()
    expect(visitor.part("lesson-heading")).to_have_text("Wat verwacht je?")
    expect(visitor.part("stage-vote")).to_be_visible()
    visitor.part("lesson").click()
    visitor.part("lesson-present").click()
    expect(visitor.part("stage-question")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(visitor.part("vote-total")).to_have_text("Nog geen antwoorden")


@pytest.mark.parametrize("language", LOCALES)
def test_nobody_is_shut_out_of_a_lesson(visit: Visit, language: str) -> None:
    visitor = visit(locale=LOCALES[language])
    page = visitor.page
    shipped(visitor, "one-story")
    visitor.part("lesson-step-0").locator("summary").click()
    assert troubles(page) == []
    visitor.part("lesson-present").click()
    expect(visitor.part("stage-question")).to_be_visible()
    page.keyboard.press("t")
    assert troubles(page) == []
    for width, height in ((1280, 720), (1920, 1080), (PHONE["width"], PHONE["height"])):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width > 1000:
            assert page.evaluate("document.documentElement.scrollHeight") <= height, "all of it is on the screen"
    visitor.part("lesson").click()
    dialog = visitor.part("lesson-dialog")
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    visitor.part("lesson-from-5").locator("xpath=ancestor::details/summary").click()
    visitor.part("lesson-from-5").click()
    expect(page.locator(".view-trajectories main")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert troubles(page) == []


# --- On paper --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
def test_the_task_sheet_has_no_answers_and_the_plan_has_all(visit: Visit, elsewhere: Server, language: str) -> None:
    visitor = visit(at=elsewhere, hosts=frozenset({ELSEWHERE}), locale=LOCALES[language])
    page, lesson = visitor.page, in_language(lessons()["several-stories"], language)  # type: ignore[arg-type]
    page.evaluate(PRINT)
    shipped(visitor, "several-stories")
    printed: dict[str, str] = {}
    for kind in ("tasks", "plan"):
        visitor.part(f"lesson-{kind}").click()
        page.wait_for_function("document.documentElement.dataset.printed === 'yes'")
        page.evaluate("delete document.documentElement.dataset.printed")
        page.emulate_media(media="print")
        paper = visitor.part("lesson-paper")
        printed[kind] = paper.inner_text()
        assert page.locator("main").is_hidden()
        assert paper.evaluate("paper => paper.scrollWidth <= paper.clientWidth")
        expect(paper.locator(".handout-code svg")).to_have_count(int(kind == "tasks"))
        page.emulate_media(media="screen")
        assert page.pdf().startswith(b"%PDF")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(paper).to_have_count(0)
    for goal in lesson.goals:
        assert all(goal in text for text in printed.values())
    for step in lesson.steps:
        assert step.task in printed["tasks"]
        assert step.answer not in printed["tasks"]
        assert step.answer in printed["plan"]
        assert step.note.splitlines()[0] in printed["plan"]
    assert all(stories()[name].source in printed["plan"] for name in ("one-bad-week", "worn-out-teacher"))
    assert f"http://{ELSEWHERE}" in printed["tasks"]
    assert "mode=present" not in printed["tasks"], "students see a page that keeps the outcome to itself"
    assert "37" in printed["plan"], "when the last step begins"
    assert printed["tasks"].startswith(lesson.title)
