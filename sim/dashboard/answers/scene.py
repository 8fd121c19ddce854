"""One contact as a scene: who began, what was perceived and felt, who saw it, and what each took from it, in words.

In the eyes of the teacher, or of the child, it is what that person has of it: what was perceived and what was expected,
but not what the other one meant, felt and took from it, nor chances and what drove them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.dashboard.choices import Arm, Onlooker
from sim.dashboard.desk import Refused
from sim.dashboard.picture import WARM
from sim.files.language import _, number, signed
from sim.state import Initiator, Setting
from sim.year.interpersonal import Eyes

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.state import Records
    from sim.year.scene import Scene

__all__ = ["Wanted", "answer"]

SHIFT: Final = 0.005
"""From which difference on a tone looks, or feels, other than it was; less is not to be seen in two decimals."""

NEITHER: Final = 0.1
"""Up to which size a working model is neither good nor bad."""

RAISED: Final = 0.005
"""What a state has to add to a chance to be named."""

NAMED: Final = 3
"""States that are named as having raised, or lowered, a chance."""

SEEN: Final = 0.0005
"""Change in liking from which on it is told."""

CHILD_TAKES: Final = (
    "closeness", "conflict", "dependency", "felt_security", "stress", "goodwill", "aggression", "self_regulation",
    "self_global", "norms",
)  # fmt: skip
TEACHER_TAKES: Final = ("representation", "perceived_control", "teacher_stress")
TAKES: Final = {"child": CHILD_TAKES, "teacher": TEACHER_TAKES}
TWO_SIDED: Final = ("representation", "felt_security")
"""States from −1 to 1; the others lie between 0 and 1."""

MOST: Final = 5
"""Changes that are shown on each side, the largest ones."""

LEAST: Final = 0.0005
"""Points of the scale of 1 to 5 from which on a change is shown."""


class Wanted(BaseModel):
    """What the browser asks for: a contact of a child by its number, or by its week and perhaps its tone.

    `eyes` are those in which it is told, and in which it has that tone.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    arm: Arm
    child: Annotated[int, Field(ge=0)]
    number: Annotated[int, Field(ge=0)] | None = None
    week: Annotated[int, Field(ge=0)] | None = None
    tone: Literal["sharp", "neutral", "warm"] | None = None
    eyes: Onlooker = "observer"

    @property
    def seen(self) -> Eyes:
        """The fields of a contact with both tones as they are seen."""
        return Eyes[self.eyes.upper()]


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Tell one contact.

    The item has ``arm``, ``child``, ``eyes``, ``number`` (of this child's contacts) and their ``count``; ``day`` of the
    year and ``next_day`` of the contact after it (null after the last one), ``week``, and ``weekday`` from 1; ``name``
    and ``public``; the ``tones``, rows of who acts, the tone as it was meant, as the other one expected it, and as it
    was perceived, of which the eyes see all or some; sentences: ``begins``, ``acts``,
    ``answers``, ``goes_on`` and ``seen``; ``takes``: states that changed, of ``child`` and ``teacher`` where they are
    seen; ``twin``: number and tones of the same moment in the other class, or null; and ``landmarks``: numbers of
    contacts of this child that mattered, by what they were.
    """
    from sim.year.scene import LivedOtherwiseError, landmarks, same_moment, scene  # with Mesa, which takes a second

    try:
        wanted = Wanted.model_validate(dict(question.details))
    except ValidationError:
        raise Refused(_("There is no such contact.")) from None
    both = question.shelf.both(question.pair)
    record, other = (both.with_, both.without) if wanted.arm == "with" else (both.without, both.with_)
    if wanted.child >= len(record.names):
        raise Refused(_("There is no such contact."))
    mine = np.flatnonzero(record.contacts["child"] == wanted.child)
    met = record.contacts[mine]
    chosen = chosen_contact(met, wanted, record.calendar.days_per_week)
    try:
        found = scene(record, int(mine[chosen]))
    except LivedOtherwiseError:
        raise Refused(
            _("This day cannot be lived again: an intervention of your own remembers more than the class does.")
        ) from None
    name, one = record.names[wanted.child], met[chosen]
    week = record.calendar.week(int(one["day"]))
    others = other.contacts[other.contacts["child"] == wanted.child]
    twin = None if question.pair.with_ is None else same_moment(met, chosen, others)
    yield {
        "arm": wanted.arm,
        "child": wanted.child,
        "eyes": wanted.eyes,
        "number": chosen,
        "count": len(met),
        "day": int(one["day"]),
        "next_day": int(met["day"][chosen + 1]) if chosen + 1 < len(met) else None,
        "week": week,
        "weekday": int(one["day"]) - record.calendar.first_day(week) + 1,
        "name": name,
        "public": bool(one["public"]),
        "tones": tones(found, wanted.eyes),
        "begins": how_it_begins(found, name, wanted.eyes),
        "acts": the_act(found, name, wanted.eyes),
        "answers": the_answer(found, name, wanted.eyes),
        "goes_on": second_turns(found, name, wanted.eyes),
        "seen": who_saw(found, name, wanted.eyes),
        "takes": {who: takes(found, fields) for who, fields in TAKES.items() if wanted.eyes in (who, "observer")},
        "twin": None if twin is None else {"number": twin, **said(others[twin], wanted.seen)},
        "landmarks": landmarks(record, wanted.child),
    }


def chosen_contact(met: Records, wanted: Wanted, days_per_week: int) -> int:
    """Give the number of the wanted contact: of a week the one that stands out most in its tone."""
    if wanted.number is not None:
        if wanted.number >= len(met):
            raise Refused(_("There is no such contact."))
        return wanted.number
    week = max(1, wanted.week or 1)
    in_week = np.flatnonzero((met["day"] - 1) // days_per_week == week - 1)
    if not len(in_week):
        raise Refused(_("The two had no contact in this week."))
    first, back = (met[field][in_week] for field in wanted.seen.value)
    sharp, warm, both = (first < 0.0) | (back < 0.0), (first >= WARM) & (back >= WARM), first + back
    tone = wanted.tone or "sharp"
    of_tone = np.flatnonzero({"sharp": sharp, "warm": warm, "neutral": ~sharp & ~warm}[tone])
    if not len(of_tone):
        return int(in_week[np.argmax(both) if tone == "warm" else 0])
    place = 0 if tone == "neutral" else (np.argmax if tone == "warm" else np.argmin)(both[of_tone])
    return int(in_week[of_tone[place]])


def tones(found: Scene, eyes: Onlooker) -> list[dict[str, Any]]:
    """Give the tones of all turns: who acts, and the act as it was meant, expected and perceived, as far as it is seen.

    People know how they meant their own acts, and how they expected and perceived those of the other one.
    """
    one, before = found.contact[0], found.before.child
    rows = [("child", one["tone"], one["perceived"]), ("teacher", one["response"], one["felt"])]
    if one["turns"] > 2:
        rows += [
            ("child", one["second_tone"], found.second_perceived),
            ("teacher", one["second_response"], found.second_felt),
        ]
    told = []
    for who, tone, perceived in rows:
        model = before["representation" if who == "child" else "felt_security"][0]
        of_other = {"expected": as_tone(model), "perceived": as_tone(perceived)}
        own = {"meant": as_tone(tone)}
        seen = of_other | own if eyes == "observer" else own if eyes == who else of_other
        told.append({"who": who, **seen})
    return told


def as_tone(value: float) -> dict[str, Any]:
    """Tell a tone: its value, its kind, and in a word."""
    return {"value": round(float(value), 3), "kind": kind(value), "word": in_a_word(value)}


def kind(tone: float) -> str:
    """Give the kind of a tone."""
    return "sharp" if tone < 0.0 else "warm" if tone >= WARM else "neutral"


def in_a_word(tone: float) -> str:
    """Put a tone into a word."""
    return {"sharp": _("sharp"), "neutral": _("neutral"), "warm": _("warm")}[kind(tone)]


def said(one: Any, seen: Eyes) -> dict[str, str]:
    """Put both tones of a contact, as they are seen, into a word each."""
    act, back = seen.value
    return {"act": in_a_word(one[act]), "answer": in_a_word(one[back])}


def how_it_begins(found: Scene, name: str, eyes: Onlooker) -> list[str]:
    """Tell who begins and, to who only watches, what was to be expected on such a day."""
    one = found.contact[0]
    setting, by_child = Setting(int(one["setting"])), int(one["initiator"]) == Initiator.CHILD
    if setting == Setting.SESSION:
        return [_("A session for the two of them; {name} acts first.").format(name=name)]
    begun = {
        (Setting.TASK, True): _("{name} comes to the teacher about work."),
        (Setting.SOCIAL, True): _("{name} comes to the teacher for a chat."),
        (Setting.TASK, False): _("The teacher comes to {name} about work."),
        (Setting.SOCIAL, False): _("The teacher comes to {name} for a chat."),
        (Setting.DISCIPLINE, False): _("{name} misbehaves, and the teacher steps in."),
    }[setting, by_child]
    told = [begun.format(name=name)]
    if eyes != "observer":
        return told
    seek, begin, misbehave = (number(times, 1) for times in found.bids)
    expected = _(
        "To be expected on such a day: {name} seeks the teacher {seek} times, the teacher seeks {name} {begin} times, "
        "and misbehaviour is about to begin {misbehave} times."
    )
    return [*told, expected.format(name=name, seek=seek, begin=begin, misbehave=misbehave)]


def the_act(found: Scene, name: str, eyes: Onlooker) -> list[str]:
    """Tell how likely a sharp act was and why, and how the teacher sees the act."""
    one, image = found.contact[0], float(found.before.child["representation"][0])
    if eyes == "child":
        return [_("{name} does not know how the teacher perceives it.").format(name=name)]
    judged = (
        _("unfavourable") if image < -NEITHER else _("favourable") if image > NEITHER else _("neither good nor bad")
    )
    parts = {"name": name, "judged": judged, "value": signed(image)}
    if eyes == "teacher":
        expects = _(
            "The teacher's image of {name} is {judged}, and so the teacher expects a tone of {value} on a scale of −1 "
            "to 1, and perceives one of {seen}."
        )
        return [expects.format(**parts, seen=signed(float(one["perceived"])))]
    seen = _(
        "The teacher's image of {name} is {judged} ({value} on a scale of −1 to 1). Through it, the act looks {how}."
    )
    return [
        _("Chance that {name} would be sharp: {percent}%.").format(name=name, percent=percent(found.sharp_act)),
        *drivers(found.act_drivers, name),
        seen.format(**parts, how=shifted(one["perceived"] - one["tone"])),
    ]


def the_answer(found: Scene, name: str, eyes: Onlooker) -> list[str]:
    """Tell how likely a harsh answer was and why, and how the child feels the answer."""
    one, trust = found.contact[0], float(found.before.child["felt_security"][0])
    if eyes == "teacher":
        return [_("The teacher does not know how {name} feels it.").format(name=name)]
    good = _("little good") if trust < -NEITHER else _("much good") if trust > NEITHER else _("nothing in particular")
    parts = {"name": name, "good": good, "value": signed(trust)}
    if eyes == "child":
        expects = _(
            "{name} expects {good} of the teacher, a tone of {value} on a scale of −1 to 1, and feels one of {seen}."
        )
        return [expects.format(**parts, seen=signed(float(one["felt"])))]
    felt = _(
        "{name} expects {good} of the teacher ({value} on a scale of −1 to 1). Through that, the answer feels {how}."
    )
    return [
        _("Chance that the teacher would be sharp: {percent}%.").format(percent=percent(found.sharp_answer)),
        *drivers(found.answer_drivers, name),
        felt.format(**parts, how=shifted(one["felt"] - one["response"])),
    ]


def percent(share: float) -> str:
    """Write a share in percent."""
    return number(100.0 * share, 0 if share > 0.1 else 1)


def shifted(shift: float) -> str:
    """Tell how much other than it was something looks or feels."""
    if abs(shift) < SHIFT:
        return _("as it was")
    text = _("sharper than it was (by {size})") if shift < 0.0 else _("warmer than it was (by {size})")
    return text.format(size=number(abs(shift)))


def drivers(added: Mapping[str, float], name: str) -> list[str]:
    """Tell which states raised a chance most, and which lowered it."""
    words = driver_words()
    found = sorted(added.items(), key=lambda one: -abs(one[1]))
    told = []
    for text, sign in ((_("Raised by {states}."), 1), (_("Lowered by {states}."), -1)):
        states = [words[key].format(name=name) for key, share in found if sign * share > RAISED][:NAMED]
        if states:
            told.append(text.format(states=", ".join(states)))
    return told


def driver_words() -> dict[str, str]:
    """Name what drives an act or an answer."""
    return {
        "aggression": _("aggression that {name} does not control"),
        "stress": _("stress of {name}"),
        "conflict": _("the conflict between the two"),
        "mismatch": _("how little the two suit each other"),
        "felt_security": _("what {name} expects of the teacher"),
        "mood": _("the mood of {name} today"),
        "perceived": _("the sharpness that the teacher perceives"),
        "perceived_control": _("little grip on {name}"),
        "calm": _("practised calm"),
        "attunement": _("attunement to {name}"),
        "reflection": _("reflection on {name}"),
        "teacher_stress": _("stress of the teacher"),
        "teacher_mood": _("the mood of the teacher today"),
        "teacher_coaching": _("coaching"),
    }


def second_turns(found: Scene, name: str, eyes: Onlooker) -> list[str]:
    """Tell how a contact went on, where one of the two was hostile."""
    one = found.contact[0]
    if one["turns"] <= 2:
        return []
    act = found.second_perceived if eyes == "teacher" else one["second_tone"]
    back = found.second_felt if eyes == "child" else one["second_response"]
    turns = (
        _("Because one of them was sharp, both have a second turn: {name} is {act}, the teacher {answer}.")
        if eyes == "observer"
        else _("Both have a second turn: {name} is {act}, the teacher {answer}.")
    )
    if act < 0.0 and back < 0.0:
        end = _("It ends in a quarrel.")
    elif act < 0.0 or back < 0.0:
        end = _("It stays unresolved.")
    else:
        end = _("It ends calmly.")
    return [turns.format(name=name, act=in_a_word(act), answer=in_a_word(back)), end]


def who_saw(found: Scene, name: str, eyes: Onlooker) -> list[str]:
    """Tell who saw it, and what that did to how much classmates like the child, which the two do not know."""
    if not found.contact["public"][0]:
        return [_("No classmate sees it.")]
    if eyes != "observer":
        return [_("The whole class sees it.")]
    change = found.liking
    if abs(change) < SEEN:
        return [_("The whole class sees it. It does not change how much classmates like {name}.").format(name=name)]
    text = (
        _("The whole class sees it. Classmates like {name} less, by {size} on average on a scale of −1 to 1.")
        if change < 0.0
        else _("The whole class sees it. Classmates like {name} more, by {size} on average on a scale of −1 to 1.")
    )
    return [text.format(name=name, size=number(abs(change), 3))]


def takes(found: Scene, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """Give the states that changed most: name, title, and change in points of a scale of 1 to 5."""
    words = state_words()
    points = {name: (2.0 if name in TWO_SIDED else 4.0) * found.change(name) for name in fields}
    largest = sorted(points, key=lambda name: -abs(points[name]))[:MOST]
    return [
        {"name": name, "title": words[name], "change": round(points[name], 4)}
        for name in largest
        if abs(points[name]) >= LEAST
    ]


def state_words() -> dict[str, str]:
    """Name the states that a contact changes."""
    return {
        "closeness": _("closeness"),
        "conflict": _("conflict"),
        "dependency": _("dependency"),
        "felt_security": _("what to expect of the teacher"),
        "stress": _("stress"),
        "goodwill": _("goodwill"),
        "aggression": _("aggression"),
        "self_regulation": _("self-regulation"),
        "self_global": _("self-concept"),
        "norms": _("school norms"),
        "representation": _("image of the child"),
        "perceived_control": _("grip on the child"),
        "teacher_stress": _("stress"),
    }
