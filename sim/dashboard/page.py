"""The page: what a visitor has chosen goes in, the picture of the year and the texts go out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from reacton.core import Element, component, use_effect, use_memo, use_state
from solara.components.component_vue import component_vue
from solara.lab.utils.headers import headers
from solara.routing import use_router

from sim.dashboard import warming
from sim.dashboard.answers import ANSWERS
from sim.dashboard.choices import OWN, Choices, followed, pair_of
from sim.dashboard.components import PARTS
from sim.dashboard.desk import Desk, Question
from sim.dashboard.offers import offers
from sim.dashboard.picture import Shelf, keys_of
from sim.dashboard.settings import configure
from sim.dashboard.situation import situation
from sim.dashboard.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.files.classlist import ClassList
    from sim.files.language import Language

__all__ = ["Layout", "Page", "title"]

title: Final = "Spiraal"
"""Title of the page in the browser; the server looks for it under this name."""

configure()


SHELF: Final = Shelf()
SHELF.picture(pair_of(Choices()))  # before anyone asks


@component_vue("dashboard.vue", vuetify=False)
def Dashboard(  # noqa: N802 - components are named like classes
    picture: str,
    story: str,
    words: str,
    settings: str,
    offers: str,
    circle: str,
    columns: str,
    crowd: str,
    eyes: str,
    heat: str,
    lesson: str,
    loop: str,
    portrait: str,
    parcel: str,
    ranking: str,
    roster: str,
    scene: str,
    years: str,
    components: Mapping[str, str],
    event_choice: Callable[[dict[str, str]], None],
    event_question: Callable[[dict[str, str]], None],
) -> None:
    """Show the whole dashboard in the browser.

    Parameters
    ----------
    picture, story, words, settings, offers
        JSON: the year in numbers and in words (`sim.dashboard.picture`), the texts, what is chosen, and what there is
        to choose from (`sim.dashboard.offers`).
    circle, columns, crowd, eyes, heat, lesson, loop, portrait, parcel, ranking, roster, scene, years
        JSON: the latest item of the answer on a topic (`sim.dashboard.answers`).
    components
        The parts, by the name of their tag.
    event_choice
        Called when the visitor chooses, with JSON as ``text``: the fields of `Choices`, or the ``link`` to take them
        from, and a number to answer to.
    event_question
        Called when the visitor asks, with JSON as ``text``: ``topic``, a number to answer to, and ``details``; or
        ``stop``: the topic that is to be stopped.
    """


@component
def Page() -> None:  # noqa: N802
    """One visitor's dashboard."""
    query = use_router().search or ""
    language = use_memo(preferred_language, [])
    first = use_memo(lambda: Choices.from_link(query, language), [])
    (choices, wrong, request), set_choice = use_state((*first, 0))
    roster, set_roster = use_state(cast("ClassList | None", None))  # the visitor's own class: here, and nowhere else
    answers, set_answers = use_state(cast("dict[str, str]", {}))
    own_shelf = use_memo(lambda: Shelf(years=4, pictures=8), [])
    desk = use_memo(lambda: Desk(ANSWERS), [])
    use_effect(lambda: desk.close, [])

    def choose(message: dict[str, str]) -> None:
        data = json.loads(message["text"])
        link = data.get("link")
        found, not_used = Choices.read(data) if link is None else Choices.from_link(link, choices.language)
        set_choice((found, not_used, int(data["request"])))

    def put(topic: str, item: str) -> None:
        set_answers(lambda before: {**before, topic: item})

    def inquire(message: dict[str, str]) -> None:
        data = json.loads(message["text"])
        if "stop" in data:
            desk.stop(str(data["stop"]))
            return
        topic = str(data["topic"])
        question = Question(pair, choices, child, shelf, data.get("details", {}), set_roster)
        desk.ask(topic, int(data["request"]), question, lambda item: put(topic, item))

    if choices.scenario == OWN and roster is None:
        choices, wrong = Choices(language=choices.language, view=choices.view, mode=choices.mode), (*wrong, OWN)
    shelf = own_shelf if choices.scenario == OWN else SHELF
    pair = pair_of(choices, roster)
    chosen = followed(choices, roster)
    child = shelf.protagonist(pair) if chosen is None else chosen
    keys = keys_of(pair)
    Dashboard(
        picture=use_memo(lambda: shelf.picture(pair), [keys]),
        story=use_memo(lambda: shelf.story(pair, child, choices.language), [keys, child, choices.language]),
        words=words(choices.language),
        settings=settings(situation(choices, pair, child, roster), wrong, request),
        offers=offers(),
        **{topic: answers.get(topic, "") for topic in ANSWERS},
        components=PARTS,
        event_choice=choose,
        event_question=inquire,
    )


@component
def Layout(children: list[Element[Any]]) -> Element[Any]:  # noqa: N802
    """Nothing around the page."""
    return children[0]


def settings(standing: Mapping[str, Any], wrong: tuple[str, ...], request: int) -> str:
    """Write what the page stands on as JSON, with the number of the choice that it answers, and what was wrong in it.

    ``preparing``: equations are being compiled; what comes next may take a minute.
    """
    told = {**standing, "wrong": wrong, "preparing": not warming.is_over(), "request": request}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def preferred_language() -> Language:
    """Choose Dutch for a browser that asks for it before anything else, otherwise English."""
    asked = ",".join((headers.value or {}).get("accept-language", [])).lower()
    return "nl" if asked.startswith("nl") else "en"
