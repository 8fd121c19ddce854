"""All texts of the dashboard, in the current language, for the browser to put in place.

Parts in braces are filled in by the browser, which also writes the numbers.
"""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sim.files.language import LANGUAGES, Language, _, current, use
from sim.files.packaged import packaged
from sim.interventions import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.interventions import Intervention

__all__ = ["words"]

PARTS: Final = {module.name: import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)}
"""The modules beside this one: texts of a view or a part each, by the name under which the browser finds them."""

NAMES: Mapping[Language, str] = {"en": "English", "nl": "Nederlands"}


def words(language: Language) -> str:
    """Write the texts in a language as JSON, those of the interventions that are known now among them."""
    return written(language, tuple(REGISTRY.values()))


@cache
def written(language: Language, _interventions: tuple[type[Intervention], ...]) -> str:
    """Write them, once for a language and a set of interventions."""
    with use(language):
        texts = {
            "language": current(),
            "languages": [{"code": code, "name": NAMES[code]} for code in LANGUAGES],
            **page_words(),
            "views": view_words(),
            **map_words(),
            **chart_words(),
            **control_words(),
            **play_words(),
            **difference_words(),
            "story": story_words(),
            "interventions": intervention_words(),
            **{name: part.texts() for name, part in PARTS.items()},
        }
        return json.dumps(texts, separators=(",", ":"), ensure_ascii=False)


def page_words() -> dict[str, str]:
    """Word the head and foot of the page."""
    return {
        "tagline": _("How teacher and child draw each other up or down"),
        "language_label": _("Language"),
        "notice": _(
            "A simulated class and one course of luck: an illustration of how relationships can develop, "
            "not a diagnosis or a prediction of a real child."
        ),
        "how_far": how_far(),
        "skip": _("To the view"),
        "busy": _("Working …"),
        "guided": _("Guided stories"),
        "not_guided": _("Other classes"),
        "own_class": _("Your own class"),
        "presenting": _("Present"),
        "leave_presenting": _("Stop presenting"),
        "views_label": _("Views"),
        "guide_head": _("The question"),
        "save_picture": _("Save this picture"),
        "save_as": _("Save as {kind}"),
        "link_notice": _("Part of the link could not be used and was left out."),
        "preparing": _("This computer is getting ready, once: up to a minute. Then it computes what you have chosen."),
        "lost": _("The connection is lost. The page goes on by itself as soon as it is back."),
    }


def view_words() -> dict[str, str]:
    """Name the views."""
    return {
        "story": _("Story"),
        "map": _("Class map"),
        "trajectories": _("Trajectories"),
        "grid": _("State-space grid"),
        "circle": _("Interpersonal circle"),
        "portrait": _("Phase portrait"),
        "twins": _("Twins"),
        "side": _("Side by side"),
        "years": _("Years"),
        "explore": _("Explore"),
        "data": _("Data"),
        "own": _("Your own class"),
    }


def how_far() -> str:
    """Tell how near simulated studies come to published ones, in the words of the validation."""
    counts = json.loads((packaged("experiments") / "validation.json").read_text(encoding="utf-8"))["counts"]
    found, findings = counts["patterns"]["found"]
    return _(
        "When published studies are repeated on such classes, {found} of {findings} findings come out in "
        "most studies of the same size."
    ).format(found=found, findings=findings)


def map_words() -> dict[str, str]:
    """Name what is on the class map."""
    return {
        "map": _("Class map"),
        "map_hint": _("click: follow a child"),
        "teacher": _("teacher"),
        "arm": _("Show the class"),
        "arrows": _("Who likes whom"),
        "arrows_none": _("off"),
        "arrows_child": _("{name}"),
        "arrows_class": _("class"),
        "key_near": _("near: close"),
        "key_conflict": _("dashed: conflict"),
        "key_aggression": _("ring: aggression"),
        "key_like": _("likes"),
        "key_mutual": _("mutual"),
        "key_dislike": _("dislikes"),
        "key_class": _("of others only what is mutual"),
        "child_label": _("{name}: closeness {closeness}, conflict {conflict}, aggression {aggression}"),
    }


def chart_words() -> dict[str, str]:
    """Word key figures and trajectories."""
    return {
        "follow": _("Child to follow"),
        "closeness": _("closeness"),
        "conflict": _("conflict"),
        "aggression": _("aggression"),
        "liked_by": _("liked by classmates"),
        "liking": _("liking"),
        "difference": _("difference"),
        "figures": _("Key figures of {name}"),
        "scale": _("Scale 1 (hardly) to 5 (very much)"),
        "chart_empty": _("Switch on an intervention to see this class, with the same luck, take another course."),
        "ghost": _("thin: {label}"),
        "before_change": _("pale: before"),
        "summary": _("{week}. {name}: closeness {closeness}, conflict {conflict}, aggression {aggression}."),
        "summary_both": _(
            "{week}. {name}, {label}: closeness {closeness}, conflict {conflict}, aggression {aggression}; {label2}: "
            "closeness {closeness2}, conflict {conflict2}, aggression {aggression2}."
        ),
    }


def difference_words() -> dict[str, Any]:
    """Name the two classes by what they differ in, and how large a difference is."""
    return {
        "labels": {
            "none": _("without interventions"),
            "some": _("with interventions"),
            "with": _("with {names}"),
            "without": _("without {names}"),
            "with_many": _("with {count} interventions"),
            "without_many": _("without interventions"),
            "more": _("{label}, with {names}"),
            "more_many": _("{label}, with {count} interventions"),
        },
        "sizes": {
            "none": _("No difference."),
            "small": _("Small difference."),
            "visible": _("Visible difference."),
            "large": _("Large difference."),
        },
    }


def control_words() -> dict[str, str]:
    """Name sliders and switches."""
    return {
        "controls": _("What if …"),
        "scenario": _("Story"),
        "seed": _("Class and luck"),
        "seed_number": _("no. {number}"),
        "seed_next": _("Another class"),
        "seed_previous": _("The class before"),
        "emotional_support": _("Emotional support"),
        "reflective_functioning": _("Reflective functioning"),
        "strain": _("Strain"),
        "child_head": _("{name} at the start"),
        "start_aggression": _("Aggression"),
        "interventions_head": _("Interventions for {name}"),
        "start_week": _("Start in week"),
        "more": _("More"),
    }


def play_words() -> dict[str, str]:
    """Name playing, stepping and scrubbing."""
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("One week back"),
        "forward": _("One week on"),
        "reset": _("Start over"),
        "reset_hint": _("Back to week 0 and to the story as it was"),
        "scrubber": _("School week"),
        "week": _("week {week} of {weeks}"),
        "speed": _("Speed"),
        "keys": _("Space plays, arrow keys step"),
    }


def story_words() -> dict[str, str]:
    """Name what is around the list of what happened."""
    return {
        "head": _("What happened"),
        "empty": _("The year has not begun. Press Play, or the space bar."),
        "none": _("Nothing that stands out so far."),
        "week": _("Week {week}"),
        "go": _("Go to week {week}"),
    }


def intervention_words() -> dict[str, dict[str, str]]:
    """Give title and gist of every intervention, those from a plug-in included."""
    known = {
        "samen-spel": (_("Samen-Spel"), _("play first, then rules")),
        "banking-time": (_("Banking Time"), _("time that the child leads")),
        "llinc": (_("LLInC"), _("reflecting with a coach")),
        "support-coaching": (_("Emotional-support coaching"), _("for the whole class")),
        "social-architect": (_("Social architect"), _("warmth the class can see")),
        "relationship-play": (_("Relationship play only"), _("the first half of Samen-Spel")),
        "bad-week": (_("A bad week"), _("something upsets the child")),
        "sharp-day": (_("One sharp day"), _("the teacher snaps at the child")),
        "kind-day": (_("One kind day"), _("seen by the class")),
    }
    return {
        name: dict(zip(("title", "gist"), known.get(name, (kind.title, "")), strict=True))
        for name, kind in REGISTRY.items()
    }
