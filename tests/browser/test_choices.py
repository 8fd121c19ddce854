"""What the dashboard's server makes of choices, without a browser."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.dashboard
from sim.dashboard.beginning import beginning
from sim.dashboard.choices import (
    LARGEST_SEED,
    NEXT_TEACHERS,
    OWN,
    PAGE,
    POKES,
    STEPS,
    TEACHERS,
    VIEWS,
    YEARS,
    Choices,
    followed,
    pair_of,
    programmes,
    scenarios,
)
from sim.dashboard.factors import OUTCOMES, factors
from sim.dashboard.offers import offers
from sim.dashboard.picture import FULL, Shelf
from sim.dashboard.stories import stories
from sim.dashboard.words import words
from sim.files.classlist import ChildRow, ClassList
from sim.interventions import REGISTRY
from sim.population import draw_class
from sim.run import twins
from sim.scenario import Scenario

FOLDER = Path(sim.dashboard.__file__).parent
LARGEST_PICTURE = 200_000
CHILD = st.integers(0, 59)
SCORE = st.integers(10, 50).map(lambda x: x / 10)
UNIT = st.none() | st.floats(0, 1)
FACTOR = st.sampled_from(list(factors().values())).flatmap(
    lambda factor: st.tuples(st.just(factor.key), st.floats(factor.low, factor.high))
)
COLUMN = st.tuples(st.sampled_from([PAGE, *TEACHERS]), st.sets(st.sampled_from(programmes()))).map(
    lambda column: (column[0], *column[1])
)
SHELF = Shelf(years=4, pictures=8)


def right(choices: Choices) -> Scenario:
    """The right-hand class, or the only one."""
    pair = pair_of(choices)
    return pair.with_ or pair.without


@given(
    st.builds(
        Choices,
        language=st.sampled_from(["en", "nl"]),
        scenario=st.none() | st.sampled_from(list(scenarios())),
        seed=st.none() | st.integers(0, LARGEST_SEED),
        emotional_support=UNIT,
        reflective_functioning=UNIT,
        strain=UNIT,
        child=st.none() | CHILD,
        closeness=st.lists(st.tuples(CHILD, SCORE), max_size=4, unique_by=lambda pair: pair[0]),
        aggression=st.lists(st.tuples(CHILD, SCORE), max_size=4, unique_by=lambda pair: pair[0]),
        interventions=st.none() | st.lists(st.tuples(st.sampled_from(list(REGISTRY)), CHILD), max_size=4),
        start_week=st.none() | st.integers(1, 60),
        pokes=st.lists(st.tuples(st.sampled_from(POKES), CHILD, st.integers(1, 60)), max_size=4),
        factors=st.lists(FACTOR, max_size=3).map(tuple),
        view=st.sampled_from([*VIEWS]),
        mode=st.sampled_from(["student", "present"]),
        step=st.sampled_from(STEPS),
        year=st.integers(1, YEARS[-1]),
        years=st.none() | st.sampled_from(YEARS),
        next_teacher=st.none() | st.sampled_from([*NEXT_TEACHERS, "0.65"]),
        again=st.none() | st.booleans(),
        week=st.floats(0, 60),
        arm=st.sampled_from(["without", "with"]),
        arrows=st.sampled_from(["none", "child", "class"]),
        eyes=st.sampled_from(["observer", "teacher", "child"]),
        columns=st.none() | st.lists(COLUMN, min_size=1, max_size=4),
        x=st.none() | st.sampled_from(list(factors())),
        outcome=st.none() | st.sampled_from(OUTCOMES),
        measure=st.none() | st.sampled_from(["conflict", "liked_by"]),
        beside=st.none() | st.sampled_from(["all", "maps", "lines"]),
        differ=st.sampled_from(["luck", "worlds"]),
        told=st.none() | st.sampled_from(["year", "why", "loop"]),
        loop=st.sampled_from(["simply", "everything"]),
        station=st.sampled_from(["acts", "learns"]),
        recent=st.booleans(),
        mean=st.booleans(),
        table=st.booleans(),
        order=st.sampled_from(["name", "conflict", "difference"]),
        sort=st.sampled_from(["name", "-name", "liked_by-without", "-conflict-difference"]),
    )
)
def test_a_link_gives_the_same_choices_again(choices: Choices) -> None:
    assert Choices.from_link(choices.link().removeprefix("?"), "en") == (choices, ())


@given(st.text(max_size=60))
def test_any_link_opens(query: str) -> None:
    choices, _ = Choices.from_link(query, "nl")
    assert right(choices).weeks > 0


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("seed=-1", "seed"),
        ("strain=nan", "strain"),
        ("strain=1.01", "strain"),
        ("child=60", "child"),
        ("scenario=../../etc/passwd", "scenario"),
        ("interventions=none-such:1", "interventions"),
        ("interventions=llinc", "interventions"),
        ("aggression=3:9", "aggression"),
        ("closeness=3:0.5", "closeness"),
        ("pokes=llinc:3:5", "pokes"),
        ("pokes=sharp-day:3:0", "pokes"),
        ("pokes=sharp-day:3", "pokes"),
        ("language=fr", "language"),
        ("view=nowhere", "view"),
        ("columns=page,nobody:llinc", "columns"),
        ("columns=page:sharp-day", "columns"),
        ("columns=page:bad-week", "columns"),
        ("columns=:llinc", "columns"),
        ("columns=page,page,page,page,page", "columns"),
        ("columns=", "columns"),
        ("week=-1", "week"),
        ("step=outcome", "step"),
        ("factors=parameters.negativity:99", "factors"),
        ("factors=title:1", "factors"),
        ("x=title", "x"),
        ("measure=mood", "measure"),
        ("beside=none", "beside"),
        ("differ=weather", "differ"),
        ("told=end", "told"),
        ("station=6", "station"),
        ("table=perhaps", "table"),
        ("sort=conflict", "sort"),
        ("sort=--name", "sort"),
        ("v=2&seed=3", "v"),
    ],
)
def test_what_is_not_allowed_falls_back(query: str, wrong: str) -> None:
    choices, named = Choices.from_link(query + "&unknown=1", "en")
    assert named == (wrong,)
    assert choices == Choices()


def test_only_what_differs_is_written() -> None:
    assert Choices().link() == "?v=1&language=en"
    assert Choices(week=3.5, view="grid").link() == "?v=1&language=en&view=grid&week=3.5"


def test_without_choices_it_is_the_scenario_as_it_is() -> None:
    for name, scenario in scenarios().items():
        assert right(Choices(scenario=name)) == scenario.model_copy(update={"follow": None})


def test_the_left_class_is_the_same_class_without_interventions_or_that_of_the_story() -> None:
    for name in scenarios():
        pair = pair_of(Choices(scenario=name))
        against = stories()[name].against if name in stories() else None
        if against is None:
            assert pair.without == right(Choices(scenario=name)).model_copy(update={"interventions": ()})
        else:
            assert pair.without == scenarios()[against].model_copy(update={"follow": None})
            assert pair.with_ is not None
            assert [row.name for row in pair.without.classroom.rows()] == [
                row.name for row in pair.with_.classroom.rows()
            ]


def test_sliders_move_both_classes() -> None:
    for name in stories():
        pair = pair_of(Choices(scenario=name, strain=0.11, seed=77, factors=(("parameters.negativity", 2.5),)))
        for scenario in filter(None, pair):
            assert scenario.teacher.strain == 0.11
            assert scenario.seed == 77
            assert scenario.parameters == {"negativity": 2.5}


def test_single_days_are_in_both_classes_as_far_as_there_is_such_a_child_and_week() -> None:
    pokes = (("sharp-day", 3, 5), ("sharp-day", 3, 5), ("kind-day", 3, 36), ("kind-day", 50, 5), ("kind-day", 3, 37))
    for name in stories():
        before, after = (pair_of(Choices(scenario=name, pokes=days)) for days in ((), pokes))
        assert after.with_ is not None
        assert before.with_ is not None
        for old, new in ((before.without, after.without), (before.with_, after.with_)):
            added = new.interventions[len(old.interventions) :]
            assert new.interventions[: len(old.interventions)] == old.interventions
            child = new.classroom.rows()[3].name
            assert [(one.name, one.target, one.start_week) for one in added] == [
                ("sharp-day", child, 5),
                ("kind-day", child, 36),
            ]
    assert pair_of(Choices(scenario="ordinary-class", pokes=pokes)).with_ is None, "no intervention to compare with"


def test_the_first_day_is_told_as_it_is_and_as_it_was() -> None:
    choices = Choices(scenario="one-bad-week", closeness=((15, 4.5), (3, 2.0)), strain=0.9, seed=3)
    told = beginning(choices, pair_of(choices), 15)
    assert told is not None
    assert (told["was"]["closeness"], told["now"]["closeness"]) == (3.5, 4.5)
    assert (told["closeness"][15], told["closeness"][3]) == (3.5, 4.0)
    assert told["was"]["sharp_answer"] < told["now"]["sharp_answer"] < 1
    as_it_was = Choices(scenario="one-bad-week", seed=3, week=9, pokes=(("kind-day", 15, 5),))
    assert beginning(as_it_was, pair_of(as_it_was), 15) is None


def test_a_class_list_has_its_own_size() -> None:
    larger = Choices(scenario="ordinary-class", factors=(("class.size", 31.0),))
    assert right(larger).classroom.size == 31
    listed = Choices(factors=(("class.size", 31.0),))
    assert right(listed) == right(Choices())


def test_ones_own_class_takes_the_place_of_the_story_s() -> None:
    roster = ClassList(tuple(ChildRow(name=name) for name in ("Ada", "Bea", "Cas")))
    pair = pair_of(Choices(scenario=OWN, interventions=(("llinc", 1),)), roster)
    assert [row.name for row in pair.without.classroom.rows()] == ["Ada", "Bea", "Cas"]
    assert pair.with_ is not None
    assert pair.with_.interventions[0].target == ("Bea",)
    assert pair_of(Choices(scenario=OWN)) == pair_of(Choices()), "a link has no class list in it"


def test_only_the_child_that_was_changed_is_changed() -> None:
    before = draw_class(right(Choices())).children
    after = draw_class(right(Choices(aggression=((3, 4.2),)))).children
    assert after["aggression"][3] == pytest.approx(0.8)
    others = np.arange(len(before)) != 3
    assert np.array_equal(before["aggression"][others], after["aggression"][others])


def test_interventions_are_for_the_children_that_were_chosen() -> None:
    pairs = (("llinc", 2), ("llinc", 5), ("samen-spel", 2), ("llinc", 59))
    scenario = right(Choices(interventions=pairs, start_week=9))
    names = [row.name for row in scenario.classroom.rows()]
    assert {choice.name: choice.target for choice in scenario.interventions} == {
        "llinc": (names[2], names[5]),
        "samen-spel": (names[2],),
    }
    assert {choice.start_week for choice in scenario.interventions} == {9}
    assert pair_of(Choices(interventions=())).with_ is None


def test_a_picture_is_the_record_and_small() -> None:
    pair = pair_of(Choices())
    text = SHELF.picture(pair)
    assert len(text.encode()) < LARGEST_PICTURE
    assert SHELF.year(pair.without) is SHELF.year(pair_of(Choices(child=7, language="nl")).without), "years are kept"
    drawn: dict[str, Any] = json.loads(text)
    assert pair.with_ is not None
    both = twins(pair.with_)
    for arm, record in zip(("without", "with"), (both.without, both.with_), strict=True):
        for state in ("closeness", "conflict", "aggression"):
            packed = np.frombuffer(base64.b64decode(drawn[arm][state]), dtype="<u2").reshape(record.children.shape)
            assert np.abs(packed / FULL - record.children[state]).max() <= 0.5 / FULL
    assert json.loads(SHELF.picture(pair_of(Choices(interventions=()))))["with"] is None


def test_the_story_is_told_in_the_language_asked_for() -> None:
    choices = Choices()
    child = followed(choices)
    assert child is not None
    english, dutch = (json.loads(SHELF.story(pair_of(choices), child, language)) for language in ("en", "nl"))
    assert [entry[:2] for entry in english["with"]] == [entry[:2] for entry in dutch["with"]]
    assert english["with"] != dutch["with"] != []
    assert english["without"] != english["with"]


def test_someone_is_followed_where_nobody_says_whom() -> None:
    for name, scenario in scenarios().items():
        if followed(Choices(scenario=name)) is None:
            pair = pair_of(Choices(scenario=name))
            assert 0 <= SHELF.protagonist(pair) < len(scenario.classroom.rows())


def places(text: str) -> set[str | None]:
    """The places that a text leaves open."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def flat(texts: Any) -> dict[str, str]:
    """Texts by their path."""
    if isinstance(texts, list):
        texts = {str(place): value for place, value in enumerate(texts)}
    if isinstance(texts, dict):
        return {f"{key}.{path}": text for key, value in texts.items() for path, text in flat(value).items()}
    return {"": str(texts)}


def test_both_languages_say_the_same() -> None:
    english, dutch = flat(json.loads(words("en"))), flat(json.loads(words("nl")))
    assert english.keys() == dutch.keys()
    for path, text in english.items():
        assert places(text) == places(dutch[path]), path
    sentences = [path for path, text in english.items() if len(re.sub(r"\{\w+\}", "", text).split()) > 4]
    assert len(sentences) > 200
    assert [path for path in sentences if english[path] == dutch[path]] == [], "the catalogue is up to date"


def test_the_page_uses_the_words_there_are() -> None:
    there = {name for path in flat(json.loads(words("en"))) for name in path.split(".")}
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.vue"))
    asked = {name for path in re.findall(r"\b(?:text|words)\.([a-z_.]+)\b(?!\()", source) for name in path.split(".")}
    assert asked - {"gist", "title", "replace"} <= there


def test_views_files_and_words_are_the_same() -> None:
    assert {path.stem for path in FOLDER.glob("views/*")} == {f"{name}_view" for name in VIEWS}
    for language in ("en", "nl"):
        assert [*json.loads(words(language))["views"]] == [*VIEWS]
    assert [one["name"] for one in json.loads(offers())["views"]] == [*VIEWS]


def test_the_page_uses_the_offers_there_are() -> None:
    sources = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.vue")]
    asked = {name for source in sources for name in re.findall(r"\boffered\.([a-z_]+)", source)}
    assert asked == json.loads(offers()).keys()


def test_no_part_asks_for_what_no_piece_gives() -> None:
    def names(pattern: str, source: str) -> set[str]:
        return {name for found in re.findall(pattern, source) for name in re.findall(r"\w+", found)}

    sources = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.vue")}
    given = {name for source in sources.values() for name in names(r"provide\(\) \{ return \{ (\w+): this", source)}
    assert given == {"ballot", "connection", "eyes", "language", "lesson", "player", "shell", "store"}
    for path, source in sources.items():
        used = names(r"(?:\bthis\.|= this\.|[^\w.])(" + "|".join(given) + r")\.[a-z]", source)
        used |= names(r"= this\.(" + "|".join(given) + r")\b", source)
        assert used == names(r"inject: \[(.*?)\]", source), path


def test_nothing_of_the_page_is_from_elsewhere() -> None:
    for path in FOLDER.rglob("*"):
        if path.suffix in {".vue", ".css", ".svg"}:
            addresses = re.findall(r"(?:https?:)?//[\w.]+", path.read_text(encoding="utf-8"))
            assert set(addresses) <= {"http://www.w3.org"}, path
