"""The next school year: what is the children's own goes with them, what belongs to two people starts afresh."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from strategies import difference, small

from sim import population
from sim.parameters import Parameters
from sim.population import MARGINALS, TEACHER_MARGINALS, VARIABLES, make_draws
from sim.scenario import EXAMPLES, Later, load
from sim.school_years import AFRESH, OWN, parallel
from sim.school_years import KNOWN as KNOW_EACH_OTHER
from sim.state import CHILD, COUNTED, Records, fields
from sim.studies import Design, Programme, Study
from sim.studies import cohort as cohorts
from sim.studies.cohort import Cohort, Scene, Wave, cohort

YEARS = {"start": Wave(0), "end": Wave(2), "next": Wave(0, 2), "later": Wave(2, 2), "third": Wave(0, 3)}
CHANGED = ("age", "effortful_control", "rapport", "mismatch")
"""Traits that a new year changes."""
TRAITS = tuple(name for name in fields(CHILD, "trait") if name not in CHANGED)
KNOWN = tuple(name for name in MARGINALS if name not in AFRESH)


def years(classes: int, **changes: Any) -> dict[str, Scene]:
    return dict(cohort(small(weeks=2, **changes), range(classes), YEARS).scenes[""])


@cache
def three_years(classes: int = 20) -> dict[str, Scene]:
    return years(classes)


def place(scene: Scene, name: str) -> Records:
    """A variable of the children as the normal variable that it was drawn as."""
    return MARGINALS[name].place(scene.children[name])


def test_what_is_the_childs_own_is_carried() -> None:
    for before, after in (("end", "next"), ("later", "third")):
        end, start = three_years()[before], three_years()[after]
        for name in (*TRAITS, *(name for name in OWN if name not in CHANGED), "self_regulation"):
            assert (start.children[name] == end.children[name]).all(), name
        assert {"liability"} <= set(OWN)
        assert (start.children["age"] == end.children["age"] + 1.0).all()
        assert difference(start.liking, end.liking) == ""
        assert (start.acceptance == end.acceptance).all()


def test_a_new_teacher_meets_the_liability_that_was_carried_and_a_fresh_habit_and_goodwill() -> None:
    """These are those of a first day of children who feel so safe and suit their teacher so little."""
    p = Parameters()
    for before, after in (("end", "next"), ("later", "third")):
        end, start = three_years()[before].children, three_years()[after].children
        for name in ("habit", "goodwill", "aggression"):
            assert (start[name] != end[name]).mean() > 0.95, name
        learned = start["liability"] + p["habit_weight"] * start["habit"] * (1.0 - start["liability"])
        shown = learned * (1.0 - p["goodwill_restraint"] * start["goodwill"])
        np.testing.assert_allclose(start["aggression"], shown)
        assert (start["habit"] <= p["habit_rest"] * start["mismatch"] + 1e-12).all()
        assert (start["goodwill"] <= population.GOODWILL).all()


def test_children_of_one_class_know_each_other() -> None:
    for name in ("next", "third"):
        assert (three_years()[name].teachers["acquaintance"] == KNOW_EACH_OTHER).all()


def test_what_self_regulation_comes_to_matures_with_age() -> None:
    """By as much as older children are ahead on the first day; the order of children stays."""
    marginal = MARGINALS["self_regulation"]
    for before, after in (("end", "next"), ("later", "third")):
        old, new = (three_years()[wave].children["effortful_control"] for wave in (before, after))
        inside = (old > 0.01) & (old < 0.99)
        grown = marginal.place(new[inside]) - marginal.place(old[inside])
        assert grown == pytest.approx(population.AGE_SLOPE, abs=1e-3)
        assert (np.argsort(old, axis=None) == np.argsort(new, axis=None)).all()


def test_nobody_grows_older_than_the_scale() -> None:
    oldest = years(2, **{"class": {"size": 6, "age": population.OLDEST}})
    assert oldest["third"].children["age"].max() == population.OLDEST


def test_the_teacher_is_a_new_one() -> None:
    start, after, third = (three_years()[name].teachers for name in ("start", "next", "third"))
    for name in TEACHER_MARGINALS:
        assert len({*start[name], *after[name], *third[name]}) == 60
    given = years(3, teacher={"emotional_support": 0.25})
    assert (given["next"].teachers["emotional_support"] == 0.25).all()


def test_what_belongs_to_two_people_starts_afresh() -> None:
    end, after = three_years()["end"], three_years()["next"]
    for name in (*AFRESH, "rapport", "mismatch", "representation", "perceived_control", "felt_security", "stress"):
        assert not np.isclose(after.children[name], end.children[name], rtol=1e-9).all(axis=1).any(), name
    control = after.teachers["self_efficacy"][:, None] * (1.0 - after.children["conflict"])
    np.testing.assert_allclose(after.children["perceived_control"], control)
    assert not any(counts.any() for counts in after.so_far.values())
    for name in fields(CHILD, "lever"):
        assert not after.children[name].any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_what_is_expected_of_the_teacher_is_carried(share: float) -> None:
    scenes = years(4, parameters={"felt_security_carry_over": share})
    same = scenes["next"].children["felt_security"] == scenes["end"].children["felt_security"]
    assert same.all() if share else not same.any()


def test_new_relationships_are_those_of_children_like_these() -> None:
    """As on the first day of all: the same correlations with what is known of the children, and levels that follow it.

    They are known as they were at the end of the year before: how aggressive they are now follows from the new
    relationship, too. What the old relationship had besides is gone.
    """
    first, before, after = (three_years(1000)[name] for name in ("start", "end", "next"))
    weights, _ = population.conditional_on(tuple(name in KNOWN for name in VARIABLES))
    changed = [place(before, name).mean() - place(first, name).mean() for name in KNOWN]
    for name in AFRESH:
        row = weights[VARIABLES.index(name), [VARIABLES.index(known) for known in KNOWN]]
        assert place(after, name).mean() == pytest.approx(place(first, name).mean() + row @ changed, abs=0.06)
        assert place(after, name).std() == pytest.approx(place(first, name).std(), abs=0.06)
        for known in KNOWN:
            old, new = (
                np.corrcoef(place(relation, name).ravel(), place(child, known).ravel())[0, 1]
                for relation, child in ((first, first), (after, before))
            )
            assert new == pytest.approx(old, abs=0.07), (name, known)
    within = np.corrcoef([place(after, name).ravel() for name in AFRESH])
    np.testing.assert_allclose(within, np.corrcoef([place(first, name).ravel() for name in AFRESH]), atol=0.07)


def test_luck_with_the_new_teacher_owes_nothing_to_the_old_one() -> None:
    first, before, after = (three_years(1000)[name] for name in ("start", "end", "next"))
    known = np.stack([place(before, name).ravel() for name in KNOWN] + [after.children["sex"].ravel()], axis=1)
    known = np.column_stack([known, np.ones(len(known))])
    for name in AFRESH:
        old, new = (place(scene, name).ravel() for scene in (first, after))
        left = [y - known @ np.linalg.lstsq(known, y, rcond=None)[0] for y in (old, new)]
        assert abs(np.corrcoef(left)[0, 1]) < 0.05, name


def test_supportive_teachers_get_closer_to_their_new_class() -> None:
    after = three_years(1000)["next"]
    support = TEACHER_MARGINALS["emotional_support"].place(after.teachers["emotional_support"])
    for name, published in population.SUPPORT_CORRELATIONS.items():
        found = np.corrcoef(np.repeat(support, 6), place(after, name).ravel())[0, 1]
        assert found == pytest.approx(published, abs=0.07)


def test_every_year_has_luck_of_its_own() -> None:
    scenes = three_years()
    moods = [scenes[name].children["mood"].ravel() for name in ("end", "later")]
    assert abs(np.corrcoef(moods)[0, 1]) < 0.25
    contacts = [scenes[name].so_far["contacts"] for name in ("end", "later")]
    assert not (contacts[0] == contacts[1]).all(axis=1).any()


def test_the_same_years_come_out_again() -> None:
    once, again = three_years(), cohort(small(weeks=2), range(20), YEARS).scenes[""]
    for name, scene in once.items():
        assert difference(scene.children, again[name].children) == ""
        assert difference(scene.teachers, again[name].teachers) == ""
        assert difference(scene.liking, again[name].liking) == ""
        assert all((scene.so_far[what] == again[name].so_far[what]).all() for what in COUNTED)


def test_the_first_year_does_not_know_of_the_second() -> None:
    alone = cohort(small(weeks=2), range(20), {"end": Wave(2)}).scenes[""]["end"]
    assert difference(alone.children, three_years()["end"].children) == ""


def test_a_year_is_lived_to_its_end_before_the_next_begins() -> None:
    late = cohort(small(weeks=2), range(20), {"early": Wave(1), "next": Wave(0, 2)}).scenes[""]["next"]
    assert difference(late.children, three_years()["next"].children) == ""


# --- Classes that are mixed anew -----------------------------------------------------------------------


@cache
def mixed(share: float = 0.5, classes: int = 20) -> dict[str, Scene]:
    return dict(cohort(small(weeks=2), range(classes), YEARS, later=Later(remixed=share)).scenes[""])


def pairs(who: Records) -> Records:
    """Pairs of two of these children, shape (c, n, n)."""
    return who[:, :, None] & who[:, None, :] & ~np.eye(who.shape[1], dtype=bool)


@pytest.mark.parametrize(("share", "move"), [(0.5, 3), (1.0, 6), (0.1, 1)])
def test_a_share_of_the_children_changes_places_each_year(share: float, move: int) -> None:
    scenes = mixed(share)
    assert scenes["end"].stayed.all()
    assert ((~scenes["next"].stayed).sum(axis=1) == move).all()
    assert (scenes["later"].stayed == scenes["next"].stayed).all()
    assert (scenes["third"].stayed <= scenes["next"].stayed).all()
    assert scenes["third"].stayed.sum() < scenes["next"].stayed.sum() or share == 1.0


def test_the_first_year_does_not_know_that_classes_will_be_mixed() -> None:
    assert difference(mixed()["end"].children, three_years()["end"].children) == ""
    assert difference(mixed(0.0)["third"].children, three_years()["third"].children) == ""


def test_who_stays_and_who_comes_bring_what_is_their_own() -> None:
    beside = cohort(parallel(small(weeks=2)), range(20), YEARS).scenes[""]["end"]
    here, after = mixed()["end"], mixed()["next"]
    for name in (*TRAITS, *(name for name in OWN if name not in CHANGED), "self_regulation"):
        expected = np.where(after.stayed, here.children[name], beside.children[name])
        assert (after.children[name] == expected).all(), name
    for before, known in ((here, pairs(after.stayed)), (beside, pairs(~after.stayed))):
        assert (after.liking[known] == before.liking[known]).all()


def test_who_has_moved_may_come_back_and_has_lived_with_the_other_class_meanwhile() -> None:
    later, third = mixed(1.0)["later"], mixed(1.0)["third"]
    assert (third.children["externalizing"] == mixed(1.0)["end"].children["externalizing"]).all()
    assert (later.children["externalizing"] != third.children["externalizing"]).any()


def test_strangers_like_each_other_as_on_a_first_day() -> None:
    scenes = mixed(classes=1000)
    first, before, after = (scenes[name] for name in ("start", "end", "next"))
    strangers = ~(pairs(after.stayed) | pairs(~after.stayed)) & ~np.eye(6, dtype=bool)
    assert not (after.liking[strangers] == before.liking[strangers]).any()
    for same in (True, False):
        new, old = (
            scene.liking[who & ((scene.children["sex"][:, :, None] == scene.children["sex"][:, None, :]) == same)]
            for scene, who in ((after, strangers), (first, pairs(first.stayed)))
        )
        assert new.mean() == pytest.approx(old.mean(), abs=0.02)
        assert new.std() == pytest.approx(old.std(), abs=0.02)


def test_a_popular_child_is_liked_by_strangers_too() -> None:
    scenes = mixed(classes=1000)
    after = scenes["next"]
    by_strangers = (after.liking * ~after.stayed[:, :, None]).sum(axis=1) / 3.0
    popularity = make_draws(small().seed, range(1000), 6).ties[:, 0]
    assert np.corrcoef(popularity[after.stayed], by_strangers[after.stayed])[0, 1] > 0.15
    standing = scenes["end"].acceptance[after.stayed]
    assert 0.1 < np.corrcoef(standing, by_strangers[after.stayed])[0, 1] < 0.8


def test_the_new_class_is_as_well_acquainted_as_there_are_pairs_who_know_each_other() -> None:
    known = (2 * 3 * 2) / (6 * 5)
    np.testing.assert_allclose(mixed()["next"].teachers["acquaintance"], KNOW_EACH_OTHER * known)
    np.testing.assert_allclose(mixed(1.0)["next"].teachers["acquaintance"], KNOW_EACH_OTHER)


def test_parallel_classes_do_not_depend_on_who_stands_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohorts, "GROUP", 3)
    again = cohort(small(weeks=2), range(20), YEARS, later=Later(remixed=0.5)).scenes[""]
    for name, scene in mixed().items():
        assert difference(scene.children, again[name].children) == ""
        assert difference(scene.liking, again[name].liking) == ""
        assert (scene.stayed == again[name].stayed).all()


def test_the_parallel_class_of_a_class_list_is_of_unknown_children() -> None:
    scenario = load(EXAMPLES / "restless-class.toml")
    beside = parallel(scenario)
    assert beside.classroom.roster is None
    assert len(beside.classroom.rows()) == len(scenario.classroom.rows())
    assert beside.seed != scenario.seed


def test_a_study_loses_those_who_move() -> None:
    design = Design(
        population=small(weeks=2),
        classes=10,
        children=60,
        waves={"first": Wave(2), "second": Wave(2, year=2)},
        measures=("conflict",),
        remixed=0.5,
    )
    one = Study(id="X", title="X", source="X", design=design, analyse=lambda _: {}, claims=())
    table = one.draw(one.cohort(10), np.random.default_rng(1)).table
    assert table["wave"].value_counts().to_dict() == {"first": 60, "second": 30}
    aged = table.pivot_table(index="child", columns="wave", values="age").dropna()
    assert len(aged) == 30
    np.testing.assert_allclose(aged["second"] - aged["first"], 1.0)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_is_between_none_and_all(share: float) -> None:
    with pytest.raises(ValueError, match=r"remixed: found .*; allowed is 0 to 1"):
        Design(population=small(), classes=1, children=6, waves={"T1": Wave(1)}, measures=(), remixed=share)


# --- What a programme left -----------------------------------------------------------------------------


def followed_up() -> Cohort:
    arms = {"usual": (), "programme": (Programme("banking-time").build(),)}
    return cohort(small(weeks=2), range(10), YEARS, arms, lambda scene, _: scene.children["sex"] == 1.0)


def test_a_programme_is_carried_out_once_and_what_it_changed_is_followed() -> None:
    found = followed_up()
    usual, programme = found.scenes["usual"], found.scenes["programme"]
    assert (programme["end"].children["attunement"] > 0.0)[found.chosen].all()
    assert not any(programme["later"].children[name].any() for name in fields(CHILD, "lever"))
    assert difference(usual["next"].teachers, programme["next"].teachers) == ""
    changed = usual["later"].children["engagement"] != programme["later"].children["engagement"]
    assert changed[found.chosen].any()
