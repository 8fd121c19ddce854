"""The page: what a visitor has chosen goes in, the picture of the year and the texts go out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import solara
from solara.lab import headers

from sim.dashboard.choices import Choices, followed, scenario_of, scenarios, start_week, switched_on
from sim.dashboard.picture import picture
from sim.dashboard.server import configure
from sim.dashboard.words import words
from sim.language import Language
from sim.scenario import Scenario

__all__ = ["Layout", "Page"]

configure()

PARTS: Final = {
    path.stem.replace("_", "-"): path.read_text(encoding="utf-8")
    for path in Path(__file__).with_name("parts").glob("*.vue")
}
"""The components that the dashboard is put together from, by the name of their tag."""


@solara.component_vue("dashboard.vue", vuetify=False)
def Dashboard(
    picture: str,
    words: str,
    settings: str,
    components: Mapping[str, str],
    event_choose: Callable[[str], None],
) -> None:
    """The whole dashboard in the browser.

    Parameters
    ----------
    picture, words, settings
        JSON: the year (`sim.dashboard.picture`), the texts, and what is chosen.
    components
        The parts, by the name of their tag.
    event_choose
        Called with JSON when the visitor chooses: the fields of `Choices`, and a number to answer to.
    """


@solara.component
def Page() -> None:
    """One visitor's dashboard."""
    query = solara.use_router().search or ""
    first = solara.use_memo(lambda: Choices.from_link(query, preferred_language()), [])
    (choices, wrong, request), set_choice = solara.use_state((*first, 0))

    def choose(text: str) -> None:
        data = json.loads(text)
        set_choice((*Choices.read(data), int(data.get("request", 0))))

    Dashboard(
        picture=picture(scenario_of(choices)),
        words=words(choices.language),
        settings=settings_of(choices, wrong, request),
        components=PARTS,
        event_choose=choose,
    )


@solara.component
def Layout(children: list[solara.Element]) -> None:
    """Nothing around the page."""
    solara.Div(children=children)


def settings_of(choices: Choices, wrong: tuple[str, ...], request: int) -> str:
    """What the visitor's choices come down to, as JSON."""
    return json.dumps(
        {
            **choices.model_dump(),
            "scenario": choices.scenario or next(iter(scenarios())),
            "scenarios": [
                {"name": name, **title_of(scenario, choices.language)} for name, scenario in scenarios().items()
            ],
            "seed": scenario_of(choices).seed,
            "child": followed(choices),
            "interventions": switched_on(choices),
            "start_week": start_week(choices),
            "link": choices.link(),
            "wrong": wrong,
            "request": request,
        }
    )


def title_of(scenario: Scenario, language: Language) -> dict[str, str]:
    """Title and gist of a scenario in a language."""
    if language == "nl":
        return {"title": scenario.title_nl or scenario.title, "about": scenario.about_nl or scenario.about}
    return {"title": scenario.title, "about": scenario.about}


def preferred_language() -> Language:
    """Dutch for a browser that asks for it before anything else, otherwise English."""
    asked = ",".join((headers.value or {}).get("accept-language", [])).lower()
    return "nl" if asked.startswith("nl") else "en"
