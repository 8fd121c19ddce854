"""The page: what a visitor has chosen goes in, the picture of the year and the texts go out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reacton.core import Element, component, use_memo, use_state
from solara.components.component_vue import component_vue
from solara.lab.utils.headers import headers
from solara.routing import use_router

from sim.dashboard.choices import Choices, followed, scenario_of, scenarios
from sim.dashboard.picture import picture, protagonist, story
from sim.dashboard.server import configure
from sim.dashboard.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.language import Language
    from sim.scenario import Scenario

__all__ = ["Layout", "Page", "title"]

title: Final = "Spiraal"
"""Title of the page in the browser; the server looks for it under this name."""

configure()

PARTS: Final = {
    path.stem.replace("_", "-"): path.read_text(encoding="utf-8")
    for path in Path(__file__).with_name("parts").glob("*.vue")
}
"""The components that the dashboard is put together from, by the name of their tag."""

picture(scenario_of(Choices()))  # before anyone asks: the first simulation in a process may have to be compiled


@component_vue("dashboard.vue", vuetify=False)
def Dashboard(  # noqa: N802 - components are named like classes
    picture: str,
    story: str,
    words: str,
    settings: str,
    components: Mapping[str, str],
    event_simulate: Callable[[dict[str, str]], None],
) -> None:
    """Show the whole dashboard in the browser.

    Parameters
    ----------
    picture, story, words, settings
        JSON: the year in numbers and in words (`sim.dashboard.picture`), the texts, and what is chosen.
    components
        The parts, by the name of their tag.
    event_simulate
        Called when the visitor chooses, with JSON as ``text``: the fields of `Choices`, and a number to answer to.
    """


@component
def Page() -> None:  # noqa: N802
    """One visitor's dashboard."""
    query = use_router().search or ""
    first = use_memo(lambda: Choices.from_link(query, preferred_language()), [])
    (choices, wrong, request), set_choice = use_state((*first, 0))

    def choose(message: dict[str, str]) -> None:
        data = json.loads(message["text"])
        set_choice((*Choices.read(data), int(data["request"])))

    scenario = scenario_of(choices)
    child = followed(choices)
    child = protagonist(scenario) if child is None else child
    in_force = {"scenario": next(iter(scenarios())), "seed": scenario.seed, "child": child}
    Dashboard(
        picture=picture(scenario),
        story=story(scenario, child, choices.language),
        words=words(choices.language),
        settings=settings(choices, in_force, wrong, request),
        components=PARTS,
        event_simulate=choose,
    )


@component
def Layout(children: list[Element[Any]]) -> Element[Any]:  # noqa: N802
    """Nothing around the page."""
    return children[0]


def settings(choices: Choices, in_force: Mapping[str, Any], wrong: tuple[str, ...], request: int) -> str:
    """Write what is chosen, what is in force where nothing is, and what can be chosen, as JSON."""
    return json.dumps(
        {
            "chosen": choices.model_dump(exclude_none=True),
            "in_force": in_force,
            "scenarios": [{"name": name, **title_of(one, choices.language)} for name, one in scenarios().items()],
            "link": choices.link(),
            "wrong": wrong,
            "request": request,
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def title_of(scenario: Scenario, language: Language) -> dict[str, str]:
    """Give title and gist of a scenario in a language."""
    if language == "nl":
        return {"title": scenario.title_nl or scenario.title, "about": scenario.about_nl or scenario.about}
    return {"title": scenario.title, "about": scenario.about}


def preferred_language() -> Language:
    """Choose Dutch for a browser that asks for it before anything else, otherwise English."""
    asked = ",".join((headers.value or {}).get("accept-language", [])).lower()
    return "nl" if asked.startswith("nl") else "en"
