"""A scene in words, and what the page is told of contacts."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.answers.scene import answer
from sim.dashboard.choices import Choices, Pair, pair_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import COUNTS, WARM, Shelf, contact_of, count_contacts
from sim.files.classlist import ChildRow, ClassList
from sim.files.language import Language, signed, use
from sim.run import simulate
from sim.scenario import Scenario
from sim.state import Setting
from sim.year.events import events

SHELF = Shelf()
AWKWARD = "{name} <b>%s</b>"


def told(language: Language = "en", pair: Pair | None = None, **details: Any) -> dict[str, Any]:
    """What is told of a contact."""
    pair = pair or pair_of(Choices())
    with use(language):
        return dict(next(answer(Question(pair, Choices(language=language), 0, SHELF, details, lambda _: None))))


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"arm": "left", "child": 0, "number": 0},
        {"arm": "with", "child": -1, "number": 0},
        {"arm": "with", "child": 99, "number": 0},
        {"arm": "with", "child": 0, "number": 10**9},
        {"arm": "with", "child": 0, "number": "x"},
        {"arm": "with", "child": 0, "week": 1, "tone": "loud"},
        {"arm": "with", "child": 0, "week": 99},
        {"arm": "with", "child": 0, "number": 0, "eyes": "nobody"},
    ],
    ids=str,
)
def test_what_does_not_exist_is_refused(details: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"no such contact|no contact in this week"):
        told(**details)


@pytest.mark.parametrize("tone", ["sharp", "neutral", "warm"])
def test_a_week_gives_a_contact_of_the_wanted_tone(tone: str) -> None:
    child, week = SHELF.protagonist(pair_of(Choices())), 12
    found = told(arm="without", child=child, week=week, tone=tone)
    kinds = [row["meant"]["kind"] for row in found["tones"][:2]]
    assert found["week"] == week
    assert {"sharp": "sharp" in kinds, "warm": kinds == ["warm"] * 2, "neutral": "sharp" not in kinds}[tone]
    again = told(arm="without", child=child, number=found["number"])
    assert again == found


def test_the_words_follow_the_numbers() -> None:
    child = SHELF.protagonist(pair_of(Choices()))
    quarrel = told(
        arm="without", child=child, number=told(arm="without", child=child, number=0)["landmarks"]["quarrel"]
    )
    assert len(quarrel["tones"]) == 4
    assert quarrel["goes_on"]
    assert quarrel["name"] in quarrel["begins"][0]
    assert any(text.startswith("Raised by") for text in quarrel["acts"])
    calm = told(arm="without", child=child, week=1, tone="warm")
    assert calm["goes_on"] == []
    assert len(calm["tones"]) == 2


SEEN = {"child": {"meant"}, "teacher": {"expected", "perceived"}}
"""What the child knows of its own acts and of those of the teacher; for the teacher it is the other way round."""


@pytest.mark.parametrize("eyes", ["teacher", "child"])
def test_a_person_is_told_no_more_than_it_knows(eyes: str) -> None:
    child = SHELF.protagonist(pair_of(Choices()))
    number = told(arm="with", child=child, week=12, tone="sharp")["number"]
    whole, found = (told(arm="with", child=child, number=number, eyes=who) for who in ("observer", eyes))
    own = {who: SEEN[who if eyes == "child" else ("child" if who == "teacher" else "teacher")] for who in SEEN}
    for row, all_of_it in zip(found["tones"], whole["tones"], strict=True):
        assert {*row} - {"who"} == own[row["who"]]
        assert {*all_of_it} == {"who", "meant", "expected", "perceived"}
        assert all(row[name] == all_of_it[name] for name in row)
    assert {*found["takes"]} == {eyes}
    assert found["takes"][eyes] == whole["takes"][eyes]
    assert found["begins"] == whole["begins"][:1]
    text = " ".join(found["acts"] + found["answers"] + found["goes_on"] + found["seen"])
    assert not any(word in text for word in ("Chance", "Raised", "Lowered", "sharper", "warmer", "Classmates like"))
    unknown = [
        all_of_it[name]["value"]
        for row, all_of_it in zip(found["tones"], whole["tones"], strict=True)
        for name in {"meant", "perceived"} - {*row}
    ]
    assert len(unknown) == len(found["tones"]) == 4
    assert not any(signed(value) in text for value in unknown)


def test_what_is_expected_draws_what_is_perceived() -> None:
    child = SHELF.protagonist(pair_of(Choices()))
    for number in range(0, 400, 50):
        for row in told(arm="without", child=child, number=number)["tones"]:
            meant, expected, seen = (row[name]["value"] for name in ("meant", "expected", "perceived"))
            assert min(meant, expected) - 0.001 <= seen <= max(meant, expected) + 0.001


@pytest.mark.parametrize(("eyes", "fields"), [("teacher", ("perceived", "response")), ("child", ("tone", "felt"))])
def test_a_week_gives_a_contact_of_the_tone_that_was_perceived(eyes: str, fields: tuple[str, str]) -> None:
    child = SHELF.protagonist(pair_of(Choices()))
    met = SHELF.both(pair_of(Choices())).without.contacts
    met = met[met["child"] == child]
    for week in range(2, 20):
        found = told(arm="without", child=child, week=week, tone="warm", eyes=eyes)
        acts, answers = (met[field][(met["day"] - 1) // 5 == week - 1] for field in fields)
        warm = (acts >= WARM) & (answers >= WARM)
        kinds = [(row.get("meant") or row["perceived"])["kind"] for row in found["tones"][:2]]
        assert not warm.any() or kinds == ["warm", "warm"]


def test_the_twin_of_a_scene_leads_back_to_it() -> None:
    here = told(arm="with", child=3, number=7)
    there = told(arm="without", child=3, number=here["twin"]["number"])
    assert there["twin"]["number"] == here["number"]
    assert told(pair=pair_of(Choices(scenario="ordinary-class")), arm="without", child=3, number=7)["twin"] is None


def test_a_name_is_only_a_name() -> None:
    children = tuple(ChildRow(name=name) for name in (AWKWARD, "b", "c"))
    plan = Scenario(seed=3, weeks=2).changed(**{"class": {"roster": ClassList(children)}})
    for language in ("en", "nl"):
        found = told(language, Pair(plan, None), arm="without", child=0, number=2)
        assert AWKWARD in found["begins"][0]


def test_in_dutch_no_sentence_is_left_in_english() -> None:
    sharp = {"week": 3, "tone": "sharp"}
    for details in (
        {"number": 0}, sharp, {"week": 9, "tone": "warm"}, {**sharp, "eyes": "teacher"}, {**sharp, "eyes": "child"},
    ):  # fmt: skip
        english, dutch = (told(language, arm="with", child=14, **details) for language in ("en", "nl"))
        for part in ("begins", "acts", "answers", "goes_on", "seen"):
            assert len(english[part]) == len(dutch[part])
            assert not set(english[part]) & set(dutch[part])


def test_contacts_are_counted_by_week_and_child() -> None:
    record = simulate(Scenario(seed=11, weeks=8))
    counts, met = count_contacts(record), record.contacts
    assert counts.shape == (8, len(record.names), len(COUNTS))
    by_name = dict(zip(COUNTS, np.moveaxis(counts, -1, 0), strict=True))
    third = met[(met["day"] > 10) & (met["day"] <= 15) & (met["child"] == 4)]
    act, back = third["tone"], third["response"]
    assert by_name["contacts"].sum() == len(met)
    assert by_name["contacts"][2, 4] == len(third)
    assert by_name["sharp"][2, 4] == ((act < 0) | (back < 0)).sum()
    assert by_name["warm"][2, 4] == ((act >= WARM) & (back >= WARM)).sum()
    assert by_name["public_sharp"].sum() == ((met["public"] == 1) & (met["response"] < 0)).sum()
    assert (by_name["sharp"] + by_name["warm"] <= by_name["contacts"]).all()


def test_an_event_that_was_one_contact_leads_to_it() -> None:
    record = simulate(pair_of(Choices()).without)
    child = SHELF.protagonist(pair_of(Choices()))
    happened = events(record, child)
    met = record.contacts[record.contacts["child"] == child]
    (harshest,) = [event for event in happened if event.kind == "harshest moment"]
    number = contact_of(record, harshest)
    assert number is not None
    seen = met[(met["public"] == 1) & (met["setting"] != Setting.SESSION)]
    assert met["response"][number] == seen["response"].min()
    other = dataclasses.replace(harshest, kind="spiral")
    assert contact_of(record, other) is None
