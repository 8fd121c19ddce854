"""Classes that are drawn look like published ones, and what a class list tells is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from strategies import difference, parameter_values, small

from sim import population
from sim import state as scales
from sim.files.classlist import CHILD_COLUMNS, ChildRow, ClassList, Nomination
from sim.peers import network_facts, nominations
from sim.population import (
    AGE_SLOPE,
    ALONE,
    MARGINALS,
    MEAN_AGE,
    SUPPORT_CORRELATIONS,
    TEACHER_MARGINALS,
    VARIABLES,
    Drawn,
    draw_class,
    draw_classes,
)
from sim.scenario import Scenario
from sim.state import CHILD, TEACHER, ClassState, Records

CLASSES = 960
RELIABILITY = 0.88
"""Of the STRS: the share of the published variance that is not measurement error."""
ALL, BOYS, GIRLS = "all", "boys", "girls"


@cache
def classes() -> tuple[ClassState, ...]:
    """Classes of 20 to 26 children with all kinds of teachers."""
    return tuple(draw_class(small(size=20 + number % 7, weeks=1), number) for number in range(CLASSES))


@cache
def children() -> Records:
    """All their children."""
    return np.concatenate([state.children for state in classes()])


class Published(NamedTuple):
    """A published mean and standard deviation, and how many children they come from."""

    mean: float
    sd: float
    n: int

    @property
    def mean_error(self) -> float:
        """Two standard errors of the mean."""
        return float(2 * self.sd / self.n**0.5)

    @property
    def sd_error(self) -> float:
        """Two standard errors of the standard deviation of a variable as skewed as these (kurtosis 5)."""
        return float(2 * self.sd / self.n**0.5)


S1 = {"closeness": Published(4.16, 0.76, 275), "conflict": Published(1.65, 0.87, 275)}
# The boys' and girls' shares of the 387 children are not given: half of them.
SDQ = {
    ("aggression", ALL): Published(0.7, 1.3, 387),
    ("aggression", BOYS): Published(1.0, 1.5, 194),
    ("aggression", GIRLS): Published(0.5, 1.1, 194),
    ("self_regulation", ALL): Published(2.7, 2.8, 387),
    ("self_regulation", BOYS): Published(3.5, 3.0, 194),
    ("self_regulation", GIRLS): Published(1.8, 2.3, 194),
}
PROBLEM: Mapping[str, Callable[[Records], Records]] = {
    "aggression": lambda aggression: aggression,
    "self_regulation": lambda self_regulation: 1.0 - self_regulation,
}
"""What SDQ symptoms come from."""
N1 = {"density": 0.21, "reciprocity": 0.50, "transitivity": 0.43, "same_sex": 0.85, "never_chosen": 0.073}
N1_TOLERANCE = 0.02


def item_mean(state: str) -> tuple[float, float]:
    """Mean and standard deviation of an STRS item mean, the latter with measurement error."""
    scores = scales.to_item_mean(children()[state])
    return float(scores.mean()), float(scores.std() / RELIABILITY**0.5)


def score_distribution(state: str, who: str) -> Records:
    """Distribution of SDQ scores 0 to 10: ten items, each with the probability that the state gives it."""
    everyone = children()
    chosen = {ALL: everyone, BOYS: everyone[everyone["sex"] == 1], GIRLS: everyone[everyone["sex"] == 0]}[who]
    share = scales.symptom_share(PROBLEM[state](chosen[state]))
    each = stats.binom.pmf(np.arange(scales.SDQ_ITEMS + 1), scales.SDQ_ITEMS, share[:, None])
    distribution: Records = np.asarray(each).mean(axis=0)
    return distribution


def sdq(state: str, who: str) -> tuple[float, float]:
    """Mean and standard deviation of SDQ scores."""
    scores, weight = np.arange(scales.SDQ_ITEMS + 1), score_distribution(state, who)
    mean = float(scores @ weight)
    return mean, float(np.sqrt(np.square(scores - mean) @ weight))


@cache
def network() -> dict[str, float]:
    """Mean figures of the nominations on the first day."""
    facts = [vars(network_facts(nominations(state.liking)[0], state.children["sex"])) for state in classes()]
    return {name: float(np.mean([fact[name] for fact in facts])) for name in N1}


def off_diagonal() -> Records:
    """Liking of all pairs of all classes."""
    return np.concatenate([state.liking[~np.eye(len(state.names), dtype=bool)] for state in classes()])


# --- Published distributions -------------------------------------------------------------------------


@pytest.mark.parametrize("state", S1)
def test_closeness_and_conflict_are_as_published(state: str) -> None:
    published, (mean, sd) = S1[state], item_mean(state)
    assert mean == pytest.approx(published.mean, abs=published.mean_error), f"{state}: mean {mean:.3f}, S1 {published}"
    assert sd == pytest.approx(published.sd, abs=published.sd_error), f"{state}: SD {sd:.3f}, S1 {published}"


def test_conflict_is_skewed_to_the_right_and_closeness_to_the_left() -> None:
    assert stats.skew(children()["conflict"]) > 1
    assert stats.skew(children()["closeness"]) < -0.4


@pytest.mark.parametrize(("state", "who"), SDQ, ids=["-".join(which) for which in SDQ])
def test_sdq_scores_are_as_published(state: str, who: str) -> None:
    published, (mean, sd) = SDQ[state, who], sdq(state, who)
    assert mean == pytest.approx(published.mean, abs=published.mean_error), f"{state}: mean {mean:.3f}, {published}"
    assert sd == pytest.approx(published.sd, abs=published.sd_error), f"{state}: SD {sd:.3f}, {published}"


@pytest.mark.parametrize(("share", "score"), [(0.8, 1), (0.9, 2)])
def test_percentiles_of_conduct_problems_are_as_published(share: float, score: int) -> None:
    """`score` is the percentile within two standard errors of a share of 387 children."""
    below = score_distribution("aggression", ALL).cumsum()
    error = 2 * (share * (1 - share) / SDQ["aggression", ALL].n) ** 0.5
    assert below[score - 1] - error < share <= below[score] + error, f"{below[score - 1]:.3f} to {below[score]:.3f}"


@pytest.mark.parametrize("figure", N1)
def test_playmate_nominations_are_as_published(figure: str) -> None:
    drawn = network()[figure]
    assert drawn == pytest.approx(N1[figure], abs=N1_TOLERANCE), f"{figure}: drawn {drawn:.3f}, N1 {N1[figure]}"


def test_children_like_each_other_a_little_and_dislike_a_tenth() -> None:
    liking = off_diagonal()
    disliked = np.mean([nominations(s.liking)[1].sum() / (len(s.names) * (len(s.names) - 1)) for s in classes()])
    assert 0 <= liking.mean() <= 0.15, f"mean liking {liking.mean():.3f}"
    assert 0.08 <= disliked <= 0.12, f"share of pairs with a dislike nomination {disliked:.3f}"


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("closeness", "conflict", -0.45, -0.30),
        ("conflict", "dependency", 0.10, 0.40),
        ("closeness", "dependency", 0.0, 0.20),
        # The .69 of D1 are those of the first trimester, without errors of measurement.
        ("conflict", "aggression", 0.50, 0.69),
    ],
)
def test_states_go_together_as_reported(one: str, other: str, low: float, high: float) -> None:
    r = float(np.corrcoef(children()[one], children()[other])[0, 1])
    assert low <= r <= high, f"{one} and {other}: {r:.3f}"


@pytest.mark.parametrize(
    ("state", "sign"), [("conflict", 1), ("aggression", 1), ("closeness", -1), ("self_regulation", -1)]
)
def test_boys_and_girls_differ_as_reported(state: str, sign: int) -> None:
    boys, girls = (children()[state][children()["sex"] == sex] for sex in (1, 0))
    d = sign * float((boys.mean() - girls.mean()) / children()[state].std())
    assert 0.2 <= d <= 0.8, f"{state}: d {d:.3f}"


# --- Any class ---------------------------------------------------------------------------------------


def misfits(state: ClassState) -> list[str]:
    """Fields that are out of bounds on the first day, or no number."""
    tables = ((state.children, CHILD), (state.teacher, TEACHER))
    return [
        field.name
        for records, table in tables
        for field in table
        if not ((records[field.name] >= field.low) & (records[field.name] <= field.high)).all()
    ]


@given(
    st.integers(2, 60),
    st.floats(0, 1),
    st.floats(3, 13),
    st.floats(-2, 2),
    st.integers(0, 2**53 - 1),
    st.sampled_from([None, 0.0, 1.0]),
)
@settings(max_examples=60)
def test_any_class_is_in_bounds(
    size: int, boys: float, age: float, problems: float, seed: int, end: float | None
) -> None:
    spec = {"size": size, "boys": boys, "age": age, "problem_behaviour": problems}
    teacher = dict.fromkeys(population.TEACHER_MARGINALS, end)
    state = draw_class(Scenario.model_validate({"class": spec, "teacher": teacher, "seed": seed}))
    assert misfits(state) == []
    assert state.children["sex"].sum() == round(boys * size)
    for liking in (state.liking, state.affinity):
        assert np.abs(liking).max() < 1
        assert not np.diag(liking).any()


@given(st.integers(0, 10**6), parameter_values())
@settings(max_examples=60)
def test_the_aggression_of_the_first_day_is_what_it_comes_from(number: int, values: dict[str, float]) -> None:
    """And it is the same whatever the parameters say of where it comes from."""
    drawn = draw_class(small(size=12, parameters=values), number)
    assert misfits(drawn) == []
    children = drawn.children
    learned = values["habit_weight"] * children["habit"]
    ready = children["liability"] + learned * (1.0 - children["liability"])
    assert children["aggression"] == pytest.approx(ready * (1.0 - values["goodwill_restraint"] * children["goodwill"]))
    assert (learned <= ready / 2 + 1e-12).all(), "most of it the child takes along"
    ordinary = draw_class(small(size=12), number).children
    assert difference(children["aggression"], ordinary["aggression"]) == ""


def test_goodwill_of_the_first_day_is_that_of_children_who_feel_so_safe() -> None:
    safe, unsafe = (children()[sign * children()["felt_security"] > 0.4] for sign in (1, -1))
    assert safe["goodwill"].mean() > unsafe["goodwill"].mean() + population.GOODWILL / 2.0
    assert children()["goodwill"].max() <= population.GOODWILL
    suited, unsuited = (children()[children()["mismatch"] < 0.05], children()[children()["mismatch"] > 0.3])
    assert unsuited["habit"].mean() > suited["habit"].mean()


@pytest.mark.parametrize("acquaintance", [0.0, 0.35, 1.0])
def test_a_scenario_says_how_well_the_children_know_each_other(acquaintance: float) -> None:
    state = draw_class(small(**{"class": {"size": 6, "acquaintance": acquaintance}}))
    assert state.teacher["acquaintance"][0] == acquaintance


def test_of_what_luck_did_to_two_children_a_share_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What liking returns to has the likes of the first day, with less of what came about by luck."""

    def spread(lasting: float) -> tuple[Records, Records]:
        monkeypatch.setattr(population, "AFFINITIES", replace(population.AFFINITIES, lasting=lasting))
        states = [draw_class(small(size=20), number) for number in range(10)]
        both = ([getattr(state, name)[~np.eye(20, dtype=bool)] for state in states] for name in ("liking", "affinity"))
        liking, affinity = map(np.concatenate, both)
        return liking, affinity

    liking, affinity = spread(1.0)
    assert difference(liking, affinity) == ""
    correlations = []
    for lasting in (0.0, 0.4, 0.8):
        now, affinity = spread(lasting)
        assert difference(now, liking) == "", "the first day is the same"
        assert affinity.std() < liking.std()
        assert affinity.mean() == pytest.approx(liking.mean(), abs=0.02)
        correlations.append(correlation(liking, affinity))
    assert 0.5 < correlations[0] < correlations[1] < correlations[2] < 1


def test_problem_behaviour_shifts_a_class() -> None:
    calm, busy = (
        np.concatenate(
            [draw_class(small(**{"class": {"size": 25, "problem_behaviour": shift}}), k).children for k in range(20)]
        )
        for shift in (-1.0, 1.0)
    )
    for name in ("aggression", "externalizing"):
        assert busy[name].mean() > calm[name].mean() + 0.1


def test_supportive_teachers_have_closer_classes() -> None:
    cold, warm = (
        np.concatenate(
            [draw_class(small(size=25, teacher={"emotional_support": level}), k).children for k in range(20)]
        )
        for level in (0.2, 0.9)
    )
    assert warm["closeness"].mean() > cold["closeness"].mean()
    assert warm["conflict"].mean() < cold["conflict"].mean()


# --- How child and teacher suit each other -----------------------------------------------------------

SUITS = {"rapport": "closeness", "mismatch": "conflict"}
"""Trait: the state of the first day that it is a part of."""
OWN = [VARIABLES[entry] for entry in ALONE]


@cache
def many_classes() -> Drawn:
    """More classes, for correlations that are as good as none."""
    scenario = small(size=24, weeks=1)
    return draw_classes(scenario.changed(seed=5), range(1200))


def normal(state: str, trait: str = "") -> Records:
    """A state, or the trait that is part of it, as the normal variable that it was drawn as; shape (c, n)."""
    return MARGINALS[state].place(many_classes().children[trait or state])


def correlation(one: Records, other: Records) -> float:
    """Over all children."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize(("trait", "state"), SUITS.items())
def test_how_two_suit_each_other_is_nothing_of_the_child_alone(trait: str, state: str) -> None:
    """A tenth of children have no conflict to speak of and count as just inside the scale, which leaves up to .045."""
    for name in (*OWN, "sex", "age"):
        r = correlation(normal(state, trait), many_classes().children[name])
        assert abs(r) < 0.055, f"{name}: {r:.3f}"


@pytest.mark.parametrize(("trait", "state"), SUITS.items())
def test_how_two_suit_each_other_is_spread_as_what_it_is_part_of(trait: str, state: str) -> None:
    shares = np.linspace(0.05, 0.95, 19)
    expected = MARGINALS[state].at(stats.norm.ppf(shares))
    assert np.quantile(many_classes().children[trait], shares) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("trait", "state"), SUITS.items())
def test_who_gets_on_on_the_first_day_suits_each_other(trait: str, state: str) -> None:
    assert 0.75 < correlation(normal(state, trait), normal(state)) < 0.95


@pytest.mark.parametrize(("trait", "state"), SUITS.items())
def test_supportive_teachers_suit_more_children(trait: str, state: str) -> None:
    support = TEACHER_MARGINALS["emotional_support"].place(many_classes().teachers["emotional_support"])
    r = correlation(normal(state, trait), np.repeat(support, 24))
    assert r == pytest.approx(SUPPORT_CORRELATIONS[state], abs=0.04)


def test_rapport_and_mismatch_go_together_as_closeness_and_conflict_do() -> None:
    """What children's own variables leave of their correlation, and what a supportive teacher adds to it."""
    alone = np.ix_(population.ALONE, population.PAIR)
    weights, spread = population.residuals()
    left = population.WITHIN[np.ix_(population.PAIR, population.PAIR)] - population.WITHIN[alone].T @ weights
    shared = np.array([SUPPORT_CORRELATIONS[name] for name in ("closeness", "conflict")])
    expected = np.sqrt(1.0 - shared**2).prod() * left[0, 1] / spread.prod() + shared.prod()
    found = correlation(normal("closeness", "rapport"), normal("conflict", "mismatch"))
    assert found == pytest.approx(expected, abs=0.03)


def test_self_regulation_begins_where_temperament_has_it() -> None:
    assert difference(children()["effortful_control"], children()["self_regulation"]) == ""


# --- What is known -----------------------------------------------------------------------------------


def listed(*rows: ChildRow, others: int = 8, ties: tuple[Nomination, ...] = ()) -> ClassList:
    """A class of the children of `rows` and others of whom nothing is known."""
    return ClassList((*rows, *(ChildRow(name=f"other {i}") for i in range(others))), ties)


def drawn_from(roster: ClassList, number: int = 0) -> ClassState:
    """A class of a class list."""
    scenario = small(**{"class": {"roster": roster}})
    return draw_class(scenario.changed(seed=3), number)


KNOWN: dict[str, tuple[str, float, float]] = {
    "age": ("age", 6.25, 6.25),
    "closeness": ("closeness", 2.0, 0.25),
    "conflict": ("conflict", 4.0, 0.75),
    "dependency": ("dependency", 3.0, 0.5),
    "aggression": ("aggression", 1.5, 0.125),
    "attachment_security": ("security", 0.3, 0.3),
    "self_regulation": ("self_regulation", 0.9, 0.9),
    "ability": ("ability", -1.5, -1.5),
    "ses_risk": ("ses_risk", 0.7, 0.7),
}


@pytest.mark.parametrize("column", KNOWN)
def test_a_listed_value_comes_back_exactly(column: str) -> None:
    state, value, expected = KNOWN[column]
    for number in range(5):
        drawn = drawn_from(listed(ChildRow(name="known", **{column: value})), number)  # type: ignore[arg-type]
        assert drawn.children[state][0] == expected


def test_all_listed_values_come_back_together() -> None:
    row = ChildRow(name="known", sex="girl", **{column: value for column, (_, value, _) in KNOWN.items()})
    child = drawn_from(listed(row)).children[0]
    assert child["sex"] == 0
    for state, _, expected in KNOWN.values():
        assert child[state] == expected, state


def test_what_is_told_of_one_child_moves_no_other() -> None:
    row = ChildRow(name="known", closeness=1.5, sdq_conduct=8.0)
    plain, told = drawn_from(listed(ChildRow(name="known"))), drawn_from(listed(row))
    acquired = {"self_social", "engagement"}  # these know of acceptance, and aggressive children are liked less
    for name in set(plain.children.dtype.names or ()) - acquired:
        assert difference(plain.children[name][1:], told.children[name][1:]) == "", name


def mean_of_known(state: str, **known: float) -> float:
    """Mean of a state of a child of whom something is known, over many draws."""
    roster = listed(ChildRow(name="known", **known), others=2)  # type: ignore[arg-type]
    return float(np.mean([drawn_from(roster, number).children[state][0] for number in range(60)]))


@pytest.mark.parametrize(
    ("column", "low", "high", "state", "sign"),
    [
        ("sdq_conduct", 0, 8, "conflict", 1),
        ("sdq_conduct", 0, 8, "aggression", 1),
        ("sdq_hyperactivity", 0, 9, "self_regulation", -1),
        ("sdq_hyperactivity", 0, 9, "conflict", 1),
        ("closeness", 2, 5, "conflict", -1),
        ("conflict", 1, 4, "representation", -1),
        ("conflict", 1, 4, "externalizing", 1),
        ("attachment_security", 0.1, 0.9, "closeness", 1),
        ("ability", -2, 2, "achievement", 1),
    ],
)
def test_the_rest_follows_what_is_known(column: str, low: float, high: float, state: str, sign: int) -> None:
    shift = sign * (mean_of_known(state, **{column: high}) - mean_of_known(state, **{column: low}))
    assert shift > 0.05, f"{state} moves by {shift:.3f}"


@pytest.mark.parametrize(("trait", "column"), SUITS.items())
def test_a_listed_relationship_tells_how_the_two_suit_each_other(trait: str, column: str) -> None:
    """And the less so the more the child's behaviour explains it: an aggressive child has conflicts with many."""
    low, high = mean_of_known(trait, **{column: 1.5}), mean_of_known(trait, **{column: 4.5})
    assert high > low + 0.2
    if trait == "mismatch":
        assert mean_of_known(trait, conflict=3.0, sdq_conduct=8.0) < mean_of_known(trait, conflict=3.0, sdq_conduct=0.0)


@pytest.mark.parametrize(("score", "low", "high"), [(0, 0.0, 0.5), (4, 3.5, 4.5), (10, 9.5, 10.0)])
def test_an_sdq_score_is_kept_to_the_point(score: float, low: float, high: float) -> None:
    """Children of one score differ within it, in both states apart."""
    row = ChildRow(name="known", sdq_conduct=score, sdq_hyperactivity=score)
    drawn = np.array([drawn_from(listed(row), number).children[0] for number in range(20)])
    expected = [scales.SDQ_ITEMS * scales.symptom_share(problem(drawn[state])) for state, problem in PROBLEM.items()]
    for scores in expected:
        assert low - 1e-9 <= scores.min() <= scores.max() <= high + 1e-9
        assert len(set(scores)) > 5
    assert abs(np.corrcoef(*expected)[0, 1]) < 0.8


def test_what_is_told_of_a_state_itself_counts_before_an_sdq_score() -> None:
    row = ChildRow(name="known", aggression=1.5, sdq_conduct=10.0, self_regulation=0.9, sdq_hyperactivity=10.0)
    child = drawn_from(listed(row)).children[0]
    assert (child["aggression"], child["self_regulation"]) == (0.125, 0.9)


def test_older_children_regulate_themselves_better() -> None:
    """By a tenth of a standard deviation a year, around the age of the children of A2."""
    each = {
        age: np.concatenate([draw_class(small(**{"class": {"size": 25, "age": age}}), k).children for k in range(16)])
        for age in (3.0, MEAN_AGE, 13.0)
    }
    places = [
        np.mean([MARGINALS["self_regulation"].place(x) for x in of_age["self_regulation"]]) for of_age in each.values()
    ]
    assert places[1] == pytest.approx(0, abs=0.1)
    assert places[1] - places[0] == pytest.approx(AGE_SLOPE * (MEAN_AGE - 3.25), abs=0.12)
    assert places[2] - places[1] == pytest.approx(AGE_SLOPE * (12.75 - MEAN_AGE), abs=0.12)
    assert each[3.0]["age"].min() == 3.0
    assert each[13.0]["age"].max() == 13.0


@pytest.mark.parametrize("grade", [0, 3, 6])
def test_a_class_is_as_old_as_its_grade(grade: int) -> None:
    ages = draw_class(small(**{"class": {"size": 60, "grade": grade}})).children["age"]
    assert ages.min() >= 5 + grade
    assert ages.max() <= 6 + grade
    assert ages.mean() == pytest.approx(5.5 + grade, abs=0.15)


@pytest.mark.parametrize("end", ["low", "high"])
def test_extreme_values_do_no_harm(end: str) -> None:
    values = {column.field: float(getattr(column, end)) for column in CHILD_COLUMNS if column.is_number}
    contrary = {"closeness": 5.0, "conflict": 5.0, "aggression": 1.0, "sdq_conduct": 10.0, "self_regulation": 0.0}
    rows = [ChildRow(name="one", **values), ChildRow(name="two", **values), ChildRow(name="three", **contrary)]  # type: ignore[arg-type]
    for number in range(10):
        state = drawn_from(listed(*rows, others=1), number)
        assert misfits(state) == []
        assert np.isfinite(state.liking).all()
    each = [ChildRow(name=name, **{name: value}) for name, value in values.items()]  # type: ignore[arg-type]
    assert misfits(drawn_from(listed(*each))) == []


@given(st.integers(0, 10**6), st.integers(4, 14))
@settings(max_examples=40)
def test_nominations_are_those_of_the_list(seed: int, n: int) -> None:
    """Whoever named anybody as liked (or disliked) names exactly those, on the first day and in what lasts."""
    luck = np.random.default_rng(seed)
    kinds = np.where(np.eye(n, dtype=bool), 0, luck.choice([0, 0, 0, 1, 2], (n, n)))
    kinds[luck.random(n) < 0.3] = 0
    ties = tuple(
        Nomination(f"other {i}", f"other {j}", "like" if kinds[i, j] == 1 else "dislike") for i, j in np.argwhere(kinds)
    )
    state = drawn_from(listed(others=n, ties=ties), seed)
    for liking in (state.liking, state.affinity):
        for named, kind in zip(nominations(liking), (1, 2), strict=True):
            for i in range(n):
                if (kinds[i] == kind).any():
                    assert (named[i] == (kinds[i] == kind)).all()
