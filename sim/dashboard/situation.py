"""What the page stands on: what is chosen, what is in force where nothing is, and what there is to choose from."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from sim.dashboard.beginning import beginning
from sim.dashboard.choices import (
    Choices,
    arrows_of,
    base_of,
    guide_of,
    has_names,
    looked_at,
    scenarios,
    school_years_of,
    school_years_said,
)
from sim.dashboard.columns import columns_of, keys_of_columns
from sim.dashboard.factors import standing
from sim.dashboard.picture import keys_of
from sim.dashboard.settings import TOKEN
from sim.dashboard.stories import stories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.dashboard.choices import Pair
    from sim.files.classlist import ClassList
    from sim.files.language import Language
    from sim.scenario import Scenario

__all__ = ["situation"]


def situation(choices: Choices, pair: Pair, child: int, roster: ClassList | None = None) -> dict[str, Any]:
    """Tell it as plain data.

    Parameters
    ----------
    choices
        What the visitor chose.
    pair, child
        The two classes that it makes, and the number of the followed child.
    roster
        The visitor's own class, if there is one.

    Returns
    -------
    dict
        ``about`` is another one when what the page is about is another: the classes, or the followed child. ``key`` is
        so in another language, too: answers are then out of date. ``side``, where classes are looked at side by side,
        has the key of each column. ``in_force`` also says whether ``all_years_said`` of the scenario are in it.
    """
    about = (*(key and key.written for key in keys_of(pair)), child)
    digest = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
    base = base_of(choices, roster)
    return {
        "chosen": choices.model_dump(exclude_none=True),
        "defaults": Choices(language=choices.language).model_dump(exclude_none=True),
        "in_force": {
            "scenario": next(iter(scenarios())),
            "seed": pair.without.seed,
            "child": child,
            "arrows": arrows_of(choices),
            "columns": columns_of(choices, roster),
            **school_years_of(base).model_dump(),
            "all_years_said": school_years_said(base),
        },
        "scenarios": [
            {"name": name, "guided": name in stories(), **title_of(one, choices.language)}
            for name, one in in_order(scenarios()).items()
        ],
        "guide": guide_of(choices),
        "side": keys_of_columns(choices, child, roster) if looked_at(choices) == "side" else [],
        "courses": [choice.name for choice in base.interventions],
        "standing": standing(base),
        "beginning": beginning(choices, pair, child, roster),
        "link": choices.link() + (f"&token={token}" if (token := os.environ.get(TOKEN)) else ""),
        "private": has_names(choices),
        "about": digest,
        "key": f"{digest}-{choices.language}",
    }


def in_order(found: Mapping[str, Scenario]) -> dict[str, Scenario]:
    """Put the guided stories first, in their order; what only stands against another one is not offered."""
    against = {story.against for story in stories().values()}
    guided = [name for name in stories() if name in found]
    others = [name for name in found if name not in guided and name not in against]
    return {name: found[name] for name in (*guided, *others)}


def title_of(scenario: Scenario, language: Language) -> dict[str, str]:
    """Give title and gist of a scenario in a language."""
    return {"title": scenario.titled(language), "about": scenario.told(language)}
