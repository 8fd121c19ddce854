"""The class map, and a contact as a scene, in the eyes of the teacher and of the followed child."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from browser.conftest import Visitor, troubles
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.picture import COUNTS, Shelf, count_contacts
from sim.files.language import Language, signed, use
from sim.record import Record
from sim.state import Records
from sim.year.interpersonal import Eyes

Visit = Callable[..., Visitor]
WEEK = 12
SHELF, PAIR = Shelf(), pair_of(Choices())
CHILD = SHELF.protagonist(PAIR)
SIZES = {"laptop": (1366, 768), "telephone": (390, 844)}


@pytest.fixture(scope="module")
def record() -> Record:
    """The class with the programme, which the page shows first."""
    return SHELF.both(PAIR).with_


def counts(record: Record, eyes: Eyes, name: str) -> Records:
    """What is counted of contacts in the week, by child."""
    return count_contacts(record, eyes)[WEEK - 1, :, COUNTS.index(name)]


def cells(visitor: Visitor, child: int) -> list[str]:
    """What stands in the table about a child."""
    visitor.part(f"seen-{child}").wait_for()
    return visitor.part(f"seen-{child}").locator("td").all_inner_texts()


def dot(visitor: Visitor, child: int) -> str:
    return str(visitor.page.locator(f".map .child[data-child='{child}']").get_attribute("aria-label"))


def written(value: float, language: Language = "en") -> str:
    """A value as the page writes it; what it is sent has two decimals."""
    with use(language):
        return signed(round(100.0 * value) / 100.0)


def test_the_teacher_sees_her_image_and_what_she_perceived(visit: Visit, record: Record) -> None:
    visitor = visit(f"?view=map&week={WEEK}")
    expect(visitor.part("alone")).to_be_visible()
    visitor.part("eyes-teacher").click()
    expect(visitor.part("eyes-meaning")).to_contain_text("As the teacher sees it")
    evening = record.children[record.calendar.last_day(WEEK)]
    acts, answers = (counts(record, Eyes.TEACHER, name) for name in ("sharp_acts", "sharp_answers"))
    for child, image in enumerate(evening["representation"]):
        assert f"image {written(image)}" in dot(visitor, child)
        assert cells(visitor, child)[0] == written(image)
        assert cells(visitor, child)[4:] == [str(acts[child]), str(answers[child])]
    warm = counts(record, Eyes.TEACHER, "warm")
    assert (warm != counts(record, Eyes.OBSERVER, "warm")).any()
    expect(visitor.page.locator("[data-mark$='-warm']")).to_have_count(int((warm > 0).sum()))
    expect(visitor.page.locator(".map .ring.bad")).to_have_count(1 + int((evening["representation"] < 0).sum()))
    for part in ("alone", "network", "arrows-class", "tab-matrix"):
        expect(visitor.part(part)).to_have_count(0)
    visitor.part("eyes-observer").click()
    expect(visitor.part("alone")).to_be_visible()


def test_a_child_sees_its_own_contacts_and_those_that_the_class_saw(visit: Visit, record: Record) -> None:
    visitor = visit(f"?view=map&week={WEEK}&eyes=child")
    name, other = record.names[CHILD], (CHILD + 1) % len(record.names)
    expect(visitor.part("eyes-meaning")).to_contain_text(f"As {name} sees it")
    expect(visitor.page.locator(".map .teacher text")).to_have_text(name)
    evening = record.calendar.last_day(WEEK)
    trust = record.children[evening]["felt_security"][CHILD]
    assert dot(visitor, CHILD) == f"teacher: what {name} expects of the teacher, {written(trust)} on a scale of −1 to 1"
    own = [counts(record, Eyes.CHILD, one)[CHILD] for one in ("contacts", "sharp_acts", "sharp_answers")]
    assert cells(visitor, CHILD) == [written(trust), *map(str, own)]
    saw = counts(record, Eyes.OBSERVER, "public")
    assert saw[other] < counts(record, Eyes.OBSERVER, "contacts")[other]
    for child in np.delete(np.arange(len(record.names)), CHILD):
        assert f"liking {written(record.liking[evening, CHILD, child])} " in dot(visitor, child)
        assert cells(visitor, child)[1] == str(saw[child])
    assert visitor.page.locator(".map line.conflict").count() == 0, "nor is conflict of others to be seen"
    marks = visitor.part("contact-marks")
    assert marks.locator("[role='button']").count() == marks.locator(f"[data-mark^='{CHILD}-']").count() > 0
    visitor.page.locator(f".map .child[data-child='{other}']").click()
    expect(visitor.part("eyes-meaning")).to_contain_text(f"As {record.names[other]} sees it")
    assert f"liking {written(record.liking[evening, other, CHILD])} " in dot(visitor, CHILD)


def test_nearer_is_more(visit: Visit, record: Record) -> None:
    visitor = visit(f"?view=map&week={WEEK}&eyes=child")
    expect(visitor.part("eyes-meaning")).to_be_visible()
    liking = np.delete(record.liking[record.calendar.last_day(WEEK), CHILD], CHILD)
    others = np.delete(np.arange(len(record.names)), CHILD)
    least, most = others[np.argmin(liking)], others[np.argmax(liking)]
    far = visitor.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".map .child")].map(dot => {
          const { e, f } = dot.transform.baseVal[0].matrix
          return [dot.dataset.child, Math.hypot(e, f)]
        }))"""
    )
    assert far[str(most)] == min(far[str(child)] for child in others)
    assert far[str(least)] == max(far[str(child)] for child in others)


def test_the_switch_is_in_the_link_and_stays(visit: Visit) -> None:
    visitor = visit(f"?week={WEEK}")
    switch = visitor.part("eyes-child")
    switch.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.part("eyes-meaning")).to_be_visible()
    expect(switch).to_be_focused()
    visitor.page.wait_for_url(re.compile("eyes=child"))
    visitor.reload()
    expect(visitor.part("eyes-child")).to_have_attribute("aria-pressed", "true")
    expect(visitor.part("eyes-meaning")).to_be_visible()
    visitor.part("view-circle").click()
    expect(visitor.part("seen")).to_contain_text("As the child sees it")
    visitor.part("eyes-observer").click()
    visitor.page.wait_for_url(re.compile("^(?!.*eyes=)"))


def test_in_a_child_the_map_is_gone_through_with_the_keyboard(visit: Visit) -> None:
    visitor = visit(f"?week={WEEK}&eyes=child")
    expect(visitor.part("eyes-meaning")).to_be_visible()
    page = visitor.page
    page.locator(f".map .child[data-child='{CHILD}']").focus()
    assert "expects of the teacher" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    reached = page.evaluate("document.activeElement.dataset.child")
    page.keyboard.press("c")  # what the child did not have itself is no scene
    expect(visitor.part("scene")).not_to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(f".map .child[data-child='{reached}']")).to_have_class(re.compile("as-teacher"))


def test_contacts_run_as_they_were_perceived(visit: Visit) -> None:
    for eyes in ("teacher", "child"):
        visitor = visit(f"?eyes={eyes}")
        expect(visitor.part("eyes-meaning")).to_be_visible()
        visitor.page.keyboard.press(" ")
        visitor.page.wait_for_function(
            "document.querySelector('[data-test=pulses] path.warm')?.getAttribute('d').length > 50"
        )
        expect(visitor.part("now")).to_have_text(re.compile(r"week [3-9] of 36"))


@pytest.mark.parametrize("eyes", ["teacher", "child"])
def test_nothing_of_a_year_is_seen_before_it_is_played(visit: Visit, record: Record, eyes: str) -> None:
    visitor = visit(f"?view=map&eyes={eyes}", covered=True)
    expect(visitor.part("eyes-meaning")).to_be_visible()
    for child in range(len(record.names)):
        assert set(cells(visitor, child)[-3:]) == {"0"}
    first = record.children["representation" if eyes == "teacher" else "felt_security"][0, CHILD]
    assert cells(visitor, CHILD)[0] == written(first)
    expect(visitor.page.locator("[data-mark]")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_scene_leaves_out_what_somebody_does_not_know(visit: Visit, language: Language) -> None:
    visitor = visit(f"?week={WEEK}&language={language}")
    visitor.part("look-with").click()
    scene = visitor.part("scene")
    told = visitor.page.locator(".scene[aria-busy='false'] [data-test='scene-begins']")
    told.wait_for()
    number = visitor.part("scene-number").inner_text()
    expect(scene.locator(".seen-mark")).to_have_count(4)
    for eyes, missing in (("teacher", "takes-child"), ("child", "takes-teacher")):
        button = scene.locator(f"[data-test='eyes-{eyes}']")
        button.focus()
        visitor.page.keyboard.press("Enter")
        hidden = "verborgen" if language == "nl" else "hidden"
        start = {"teacher": ("As the teacher", "Zoals de leerkracht"), "child": ("As Martijn", "Zoals Martijn")}[eyes]
        expect(visitor.part("scene-eyes")).to_contain_text(re.compile(f"^{start[language == 'nl']} .*{hidden}"))
        expect(visitor.part(missing)).to_have_count(0)
        for mark in ("seen-mark", "real-mark", "expected-mark"):
            expect(scene.locator(f".tone-row .{mark}")).to_have_count(2)
        expect(scene).not_to_contain_text("%")
        expect(visitor.part("scene-number")).to_have_text(number)
        expect(button).to_be_focused()
        visitor.page.wait_for_url(re.compile(f"eyes={eyes}"))
    visitor.page.keyboard.press("Escape")
    expect(visitor.part("eyes-child")).to_have_attribute("aria-pressed", "true")


def test_a_room_sees_both_classes_so(visit: Visit) -> None:
    visitor = visit(f"?mode=present&step=classes&week={WEEK}", viewport={"width": 1280, "height": 720})
    frames = visitor.page.locator(".twin .map-frame")
    expect(frames).to_have_count(2)
    for eyes in ("teacher", "child"):
        visitor.page.locator(f".right-twin [data-test='eyes-{eyes}']").click()
        expect(visitor.part("eyes-meaning")).to_have_count(2)
        one, other = (frames.nth(i).bounding_box() for i in range(2))
        assert one["height"] == pytest.approx(other["height"], abs=1)
        assert one["height"] > 240
        assert visitor.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        for card in visitor.page.locator(".twin").all():
            assert card.evaluate("card => card.scrollWidth <= card.clientWidth")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_nobody_is_shut_out(visit: Visit, language: str, size: tuple[int, int]) -> None:
    viewport = {"width": size[0], "height": size[1]}
    visitor = visit(f"?view=map&language={language}&week={WEEK}", viewport=viewport)
    for eyes, said in (
        ("teacher", ("As the teacher", "Zoals de leerkracht")),
        ("child", ("As Martijn", "Zoals Martijn")),
    ):
        visitor.part(f"eyes-{eyes}").click()
        expect(visitor.part("eyes-meaning")).to_contain_text(said[language == "nl"])
        assert troubles(visitor.page, seen=20) == []
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        visitor.part("look-with").click()
        visitor.page.locator(".scene[aria-busy='false'] [data-test='scene-eyes']").wait_for()
        assert troubles(visitor.page, seen=20) == []
        assert visitor.page.evaluate("document.querySelector('.scene-dialog').scrollWidth") <= size[0]
        visitor.page.keyboard.press("Escape")


def test_a_class_that_is_changed_stays_in_the_same_eyes(visit: Visit) -> None:
    visitor = visit(f"?view=map&week={WEEK}&eyes=child")
    expect(visitor.part("eyes-meaning")).to_be_visible()
    before = cells(visitor, CHILD)
    visitor.page.evaluate(
        """() => {
          window.middles = new Set()
          new MutationObserver(() => window.middles.add(document.querySelector(".map .teacher text").textContent))
            .observe(document.querySelector(".map"), { childList: true, subtree: true, characterData: true })
        }"""
    )
    visitor.drag("emotional_support", 0.9)
    expect(visitor.part(f"seen-{CHILD}").locator("td").first).not_to_have_text(before[0])
    assert visitor.page.evaluate("[...window.middles]") == ["Martijn"]
    visitor.part("scenario").select_option("ordinary-class")
    expect(visitor.part("eyes-observer")).to_have_attribute("aria-pressed", "true")
    visitor.part("view-map").click()
    visitor.part("eyes-child").click()
    expect(visitor.page.locator(".seen-table tbody tr")).to_have_count(24)
    expect(visitor.page.locator(".map .teacher text")).not_to_have_text("Martijn")


def test_beside_the_figures_of_both_classes_they_are_as_they_are(visit: Visit) -> None:
    visitor = visit(f"?scenario=ordinary-class&interventions=llinc:3&view=twins&week={WEEK}&eyes=child")
    expect(visitor.page.locator(".twin .map .teacher, .map.twin .teacher")).to_have_text(["teacher"] * 2)
    expect(visitor.part("eyes-child")).to_have_count(0)
