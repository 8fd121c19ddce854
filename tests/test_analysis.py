"""Analyses give known answers: coefficients that data were made with, least squares, and other libraries."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from sim.peers import network_facts, nominations
from sim.studies import Design, Estimate, Study, analysis, kindergarten
from sim.studies.analysis import (
    ancova,
    cohens_d,
    correlation,
    cross_lagged,
    fitted,
    indirect,
    intraclass,
    moderated,
    multilevel,
    network,
    paths,
    random_intercepts,
    regression,
    regression_by_class,
    within,
    z,
)
from sim.studies.cohort import Wave

WAVES = ("T1", "T2", "T3")
N = 20_000
STABLE, CROSSED, LEFT = (0.5, 0.4), (0.25, 0.1), 0.3
"""Stability of x and y, paths from y to x and from x to y, correlation of what is left."""


def panel(luck: np.random.Generator, n: int = N) -> pd.DataFrame:
    """Two scores over three waves: every wave follows from the one before."""
    now = luck.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n)
    columns = {"x_T1": now[:, 0], "y_T1": now[:, 1]}
    step = np.array([[STABLE[0], CROSSED[1]], [CROSSED[0], STABLE[1]]])
    for wave in WAVES[1:]:
        now = now @ step + luck.multivariate_normal([0, 0], 0.6 * np.array([[1, LEFT], [LEFT, 1]]), n)
        columns |= {f"x_{wave}": now[:, 0], f"y_{wave}": now[:, 1]}
    return pd.DataFrame(columns)


def standardized(table: pd.DataFrame) -> dict[str, float]:
    """The paths that `panel` has, in standard deviations."""
    sd, found = table.std(), {}
    for before, now in pairwise(WAVES):
        for k, (effect, cause) in enumerate((("x", "y"), ("y", "x"))):
            found[f"{effect} {before} {now}"] = STABLE[k] * sd[f"{effect}_{before}"] / sd[f"{effect}_{now}"]
            found[f"{cause} -> {effect} {before} {now}"] = CROSSED[k] * sd[f"{cause}_{before}"] / sd[f"{effect}_{now}"]
        found[f"x ~ y {now}"] = LEFT
    return found


def classes_of(luck: np.random.Generator, c: int = 150, n: int = 20) -> pd.DataFrame:
    """Children in classes: random intercepts of variance .3, slope .5 - .2 * support, variance left .7."""
    classroom = np.repeat(np.arange(c), n)
    support, between = (luck.standard_normal(c)[classroom] for _ in range(2))
    x = luck.standard_normal(c * n)
    y = 1.0 + (0.5 - 0.2 * support) * x + 0.1 * support + np.sqrt(0.3) * between
    return pd.DataFrame(
        {"classroom": classroom, "x": x, "support": support, "y": y + np.sqrt(0.7) * luck.standard_normal(c * n)}
    )


# --- Correlations and differences ----------------------------------------------------------------------


def test_a_correlation_leaves_out_children_who_lack_a_score() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0, np.nan, 9.0], "b": [1.0, 3.0, 2.0, 5.0, 7.0, np.nan]})
    expected = stats.pearsonr([1, 2, 3, 4], [1, 3, 2, 5])
    assert correlation(table, "a", "b") == pytest.approx((expected.statistic, expected.pvalue))


def test_cohens_d_by_hand() -> None:
    table = pd.DataFrame({"score": [1.0, 2.0, 3.0, 3.0, 4.0, 5.0, np.nan], "group": list("aaabbbb")})
    expected = stats.ttest_ind([1, 2, 3], [3, 4, 5])
    assert cohens_d(table, "score", "group", "a", "b") == pytest.approx((2.0, expected.pvalue))
    assert cohens_d(table, "score", "group", "b", "a").value == pytest.approx(-2.0)


def test_cohens_d_pools_the_spreads_by_the_sizes_of_the_groups() -> None:
    luck = np.random.default_rng(1)
    table = pd.DataFrame({"score": np.r_[luck.normal(0, 2, N), luck.normal(1, 2, N // 4)], "group": "a"})
    table.loc[N:, "group"] = "b"
    assert cohens_d(table, "score", "group", "a", "b").value == pytest.approx(0.5, abs=0.04)


def test_regression_and_standardizing() -> None:
    table = panel(np.random.default_rng(2), 500)
    scores = z(table, "x_T1", "x_T2")
    assert scores[["x_T1", "x_T2"]].std().to_numpy() == pytest.approx(1.0)
    slope = np.polyfit(scores["x_T1"], scores["x_T2"], 1)[0]
    assert regression(scores, "x_T2 ~ x_T1", "x_T1").value == pytest.approx(slope)
    assert slope == pytest.approx(table["x_T1"].corr(table["x_T2"]))


# --- Panels --------------------------------------------------------------------------------------------


def test_cross_lagged_paths_are_those_that_the_data_were_made_with() -> None:
    table = panel(np.random.default_rng(3))
    found = cross_lagged(table, "x", "y", WAVES)
    for name, expected in standardized(table).items():
        assert found[name].value == pytest.approx(expected, abs=0.02), name
        assert found[name].p < 1e-6
    assert found["x ~ y T1"].value == pytest.approx(0.4, abs=0.02)


def test_cross_lagged_paths_are_those_of_least_squares() -> None:
    table = panel(np.random.default_rng(4), 150)
    found, scores = cross_lagged(table, "x", "y", WAVES[:2]), z(table, *table.columns)
    x = scores[["x_T1", "y_T1"]].to_numpy()
    left = {}
    for effect, own, other in (("x", 0, 1), ("y", 1, 0)):
        outcome = scores[f"{effect}_T2"].to_numpy()
        by_least_squares = np.linalg.lstsq(x, outcome, rcond=None)[0]
        left[effect] = outcome - x @ by_least_squares
        assert found[f"{effect} T1 T2"].value == pytest.approx(by_least_squares[own], abs=0.002)
        assert found[f"{'y' if effect == 'x' else 'x'} -> {effect} T1 T2"].value == pytest.approx(
            by_least_squares[other], abs=0.002
        )
    assert found["x ~ y T2"].value == pytest.approx(np.corrcoef(left["x"], left["y"])[0, 1], abs=0.002)
    assert found["x ~ y T1"].value == pytest.approx(table["x_T1"].corr(table["y_T1"]), abs=0.002)


def test_what_is_no_path_is_significant_about_as_often_as_chance_has_it() -> None:
    luck, significant = np.random.default_rng(5), 0
    for _ in range(60):
        scores = luck.standard_normal((120, 4))
        scores[:, 2] += 0.6 * scores[:, 0]
        found = cross_lagged(pd.DataFrame(scores, columns=["x_T1", "y_T1", "x_T2", "y_T2"]), "x", "y", WAVES[:2])
        significant += found["y -> x T1 T2"].p < 0.05
    assert 0 <= significant <= 8


def test_paths_of_a_mediation() -> None:
    luck = np.random.default_rng(6)
    a, noise = luck.standard_normal(N), luck.standard_normal((2, N))
    b = 0.6 * a + 0.8 * noise[0]
    table = pd.DataFrame({"a": a, "b": b, "c": 0.5 * b + 0.2 * a + 0.7 * noise[1], "unused": np.nan})
    found = paths(table, "b ~ a\nc ~ b + a", "b ~ a", "c ~ b", "c ~ a")
    sd = table.std()
    expected = {"b ~ a": 0.6 / sd["b"], "c ~ b": 0.5 * sd["b"] / sd["c"], "c ~ a": 0.2 / sd["c"]}
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=0.02)


def test_a_name_within_a_name_is_not_meant() -> None:
    """Children lack a score that the model does not name, although its name is part of one that it does."""
    luck = np.random.default_rng(7)
    table = pd.DataFrame(luck.standard_normal((60, 3)), columns=["child_warmth", "y", "classroom"])
    table["classroom"] = np.arange(60) // 6
    whole = table.copy()
    table["warmth"], table["arm"], table["warm"] = np.nan, "usual", "text"
    assert paths(table, "y ~ child_warmth", "y ~ child_warmth") == paths(whole, "y ~ child_warmth", "y ~ child_warmth")
    assert multilevel(table, "y ~ child_warmth", "child_warmth") == multilevel(
        whole, "y ~ child_warmth", "child_warmth"
    )


def test_random_intercepts_find_the_paths_within_children() -> None:
    luck = np.random.default_rng(8)
    within = panel(luck)
    stable = luck.multivariate_normal([0, 0], [[1.0, 0.6], [0.6, 1.0]], N)
    table = within.copy()
    for wave in WAVES:
        table[f"x_{wave}"], table[f"y_{wave}"] = table[f"x_{wave}"] + stable[:, 0], table[f"y_{wave}"] + stable[:, 1]
    found = random_intercepts(table * 2.0 + 5.0, "x", "y", WAVES)
    for name, expected in standardized(within).items():
        assert found[name].value == pytest.approx(expected, abs=0.04), name
    assert found["x ~ y between"].value == pytest.approx(0.6, abs=0.04)
    assert found["x ~ y T1"].value == pytest.approx(0.4, abs=0.04)
    without = cross_lagged(table, "x", "y", WAVES)
    assert without["x T1 T2"].value > found["x T1 T2"].value + 0.1, "stable differences look like stability"


def test_random_intercepts_reach_their_optimum_where_it_is_flat() -> None:
    """Waves that resemble each other: a search that stops early finds no stable difference at all."""
    luck = np.random.default_rng(1)
    now = luck.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], N)
    stable = luck.multivariate_normal([0, 0], [[0.5, 0.25], [0.25, 0.5]], N)
    columns = {}
    for wave in WAVES:
        columns |= {f"x_{wave}": now[:, 0] + stable[:, 0], f"y_{wave}": now[:, 1] + stable[:, 1]}
        left = luck.multivariate_normal([0, 0], [[0.4, 0.1], [0.1, 0.5]], N)
        now = now @ np.array([[0.6, 0.1], [0.2, 0.7]]) + left
    found = random_intercepts(pd.DataFrame(columns), "x", "y", WAVES)
    assert found["x ~ y between"].value == pytest.approx(0.5, abs=0.15)
    assert found["x T1 T2"].value == pytest.approx(0.62, abs=0.06)


# --- Indirect effects ----------------------------------------------------------------------------------


def mediation(luck: np.random.Generator, a: float, b: float, n: int) -> pd.DataFrame:
    cause, given = luck.standard_normal((2, n))
    mediator = a * cause + 0.3 * given + luck.standard_normal(n)
    return pd.DataFrame(
        {
            "cause": cause,
            "mediator": mediator,
            "outcome": b * mediator + 0.2 * cause + 0.3 * given + luck.standard_normal(n),
            "given": given,
        }
    )


def test_an_indirect_effect_is_the_product_of_its_paths() -> None:
    table = mediation(np.random.default_rng(9), 0.5, 0.4, 400)
    scores = z(table, *table.columns)
    a = smf.ols("mediator ~ cause + given", scores).fit().params["cause"]
    b = smf.ols("outcome ~ mediator + cause + given", scores).fit().params["mediator"]
    found = indirect(table, "cause", "mediator", "outcome", ["given"])
    assert found.value == pytest.approx(a * b)
    assert found.p < 0.01
    assert found == indirect(table, "cause", "mediator", "outcome", ["given"])


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.0), (0.0, 0.5), (0.0, 0.0)])
def test_no_indirect_effect_is_significant_about_as_often_as_chance_has_it(a: float, b: float) -> None:
    luck = np.random.default_rng(10)
    found = [indirect(mediation(luck, a, b, 100), "cause", "mediator", "outcome", ["given"]) for _ in range(60)]
    assert 0 <= sum(estimate.p < 0.05 for estimate in found) <= 7
    assert np.mean([estimate.value for estimate in found]) == pytest.approx(0.0, abs=0.03)
    assert all(0.0 < estimate.p <= 1.0 for estimate in found)


# --- Multilevel models ---------------------------------------------------------------------------------


def test_multilevel_is_that_of_statsmodels() -> None:
    table = classes_of(np.random.default_rng(11), c=30)
    expected = smf.mixedlm("y ~ x + support", table, groups=table["classroom"]).fit(reml=True)
    found = multilevel(table, "y ~ x + support", "x", "support")
    for term in ("x", "support"):
        assert found[term].value == pytest.approx(expected.params[term], abs=1e-4)
        assert found[term].p == pytest.approx(expected.pvalues[term], rel=0.01, abs=1e-12)


def test_multilevel_finds_variances_between_and_within_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MANY", 10_000)
    fit = fitted(classes_of(np.random.default_rng(12), c=300), "y ~ x * support", "classroom")
    assert fit.cov_re.iloc[0, 0] == pytest.approx(0.3, abs=0.06)
    assert fit.scale == pytest.approx(0.7, abs=0.03)
    assert fit.params["x"] == pytest.approx(0.5, abs=0.04)
    assert fit.params["x:support"] == pytest.approx(-0.2, abs=0.04)


def test_children_of_one_class_are_no_independent_witnesses_of_what_is_the_class_s() -> None:
    luck, significant = np.random.default_rng(13), 0
    for _ in range(40):
        table = classes_of(luck, c=20, n=10).assign(support=lambda t: luck.standard_normal(20)[t["classroom"]])
        significant += multilevel(table, "y ~ support", "support")["support"].p < 0.05
    assert significant <= 7


def test_a_large_sample_has_nearly_the_same_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    table = classes_of(np.random.default_rng(14), c=90)
    small = multilevel(table, "y ~ x + support", "x", "support")
    monkeypatch.setattr(analysis, "MANY", 1000)
    large = multilevel(table, "y ~ x + support", "x", "support")
    assert large["x"].value == pytest.approx(small["x"].value, abs=0.02)
    assert large["support"].value == pytest.approx(small["support"].value, abs=0.01)
    by_hand = smf.ols("y ~ x + support", table).fit(cov_type="cluster", cov_kwds={"groups": table["classroom"]})
    assert large["support"] == pytest.approx((by_hand.params["support"], by_hand.pvalues["support"]))


def test_classes_that_do_not_differ_are_no_error() -> None:
    luck = np.random.default_rng(15)
    table = pd.DataFrame({"x": luck.standard_normal(200), "classroom": np.arange(200) % 20})
    table["y"] = 0.5 * table["x"] + luck.standard_normal(200)
    assert multilevel(table, "y ~ x", "x")["x"].value == pytest.approx(0.5, abs=0.25)


def test_children_who_lack_a_score_are_left_out() -> None:
    table = classes_of(np.random.default_rng(16), c=30)
    gaps = table.copy()
    gaps.loc[::7, "y"] = np.nan
    assert multilevel(gaps, "y ~ x", "x") == multilevel(gaps.dropna(), "y ~ x", "x")


def test_the_test_of_a_simple_slope_is_that_of_a_moderator_moved_there() -> None:
    table = classes_of(np.random.default_rng(18), c=40).assign(y=lambda t: t["y"] - 0.3 * t["x"])
    found = moderated(table, "y ~ x * support", "x", "support")
    for at, slope in ((-1.0, "low"), (1.0, "high")):
        moved = multilevel(table.assign(support=table["support"] - at), "y ~ x * support", "x")["x"]
        assert found[slope].value == pytest.approx(moved.value, abs=1e-3)
        assert found[slope].p == pytest.approx(moved.p, abs=0.01)
    turned = moderated(table, "y ~ support * x", "x", "support")
    assert [turned[name].value for name in ("low", "high")] == pytest.approx(
        [found[name].value for name in ("low", "high")], abs=1e-3
    )


@pytest.mark.parametrize("varying", [None, "x"])
def test_a_moderated_effect_is_arithmetic_of_one_model(varying: str | None) -> None:
    table = classes_of(np.random.default_rng(19), c=80)
    found = moderated(table, "y ~ x * support", "x", "support", varying=varying)
    assert found["low"].value == pytest.approx(found["x"].value - found["interaction"].value)
    assert found["high"].value == pytest.approx(found["x"].value + found["interaction"].value)
    assert found["interaction"].value == pytest.approx(-0.2, abs=0.06)
    assert found["interaction"].p < 0.001


# --- Trials --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_ancova_finds_the_size_of_an_effect(effect: float) -> None:
    luck, n = np.random.default_rng(20), 6000
    school = np.arange(n) // 60
    arm = np.where(school % 2 == 0, "usual", "programme")
    pre = 3.0 * luck.standard_normal(n)
    post = 0.6 * pre + 3.0 * (effect * (arm == "programme") + 0.1 * luck.standard_normal(100)[school])
    table = pd.DataFrame({"school": school, "arm": arm, "pre": pre, "post": post + 2.0 * luck.standard_normal(n)})
    table.loc[::50, "post"] = np.nan
    found = ancova(table, "post", "pre", "programme")
    assert found.value == pytest.approx(effect, abs=0.07)
    assert (found.p < 0.001) == (effect > 0.0)


# --- Pairs and networks --------------------------------------------------------------------------------


def test_regression_by_class_is_that_with_an_intercept_for_each_class() -> None:
    luck = np.random.default_rng(21)
    c, o = 40, 30
    a, b = luck.standard_normal((2, c, o))
    y = 0.4 * a - 0.2 * b + 2.0 * luck.standard_normal((c, 1)) + luck.standard_normal((c, o))
    found = regression_by_class(y, {"a": a, "b": b})
    table = pd.DataFrame({"y": y.ravel(), "a": a.ravel(), "b": b.ravel(), "k": np.repeat(np.arange(c), o)})
    expected = smf.ols("y ~ a + b + C(k)", table).fit()
    for term in ("a", "b"):
        assert found[term].value == pytest.approx(expected.params[term])
        assert found[term].p == pytest.approx(expected.pvalues[term], abs=0.01)
    assert found["a"].value == pytest.approx(0.4, abs=0.1)


def test_regression_within_units_is_that_with_an_intercept_for_each_unit() -> None:
    luck = np.random.default_rng(22)
    unit = np.repeat(np.arange(60), luck.integers(2, 12, 60))
    a, b, noise = luck.standard_normal((3, len(unit)))
    y = 0.4 * a - 0.2 * b + 2.0 * luck.standard_normal(60)[unit] + noise
    table = pd.DataFrame({"y": y, "a": a, "b": b, "child": unit, "classroom": unit // 3})
    found = within(table, "y", ("a", "b"))
    options = {"groups": table["classroom"], "use_correction": False}
    expected = smf.ols("y ~ a + b + C(child)", table).fit(cov_type="cluster", cov_kwds=options)
    for term in ("a", "b"):
        assert found[term].value == pytest.approx(expected.params[term])
        error = expected.bse[term] * np.sqrt(20 / 19)
        assert found[term].p == pytest.approx(2 * stats.t.sf(abs(expected.params[term]) / error, 19))


def test_what_differs_between_units_alone_says_nothing_within_them() -> None:
    unit = np.repeat(np.arange(10), 4)
    luck = np.random.default_rng(23).standard_normal(40)
    table = pd.DataFrame({"y": luck, "a": unit.astype(float), "child": unit, "classroom": unit // 2})
    assert within(table, "y", ("a",))["a"] == Estimate(0.0, 1.0)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.6])
def test_the_share_between_classes_is_found(share: float) -> None:
    luck = np.random.default_rng(24)
    group = np.repeat(np.arange(400), luck.integers(15, 25, 400))
    y = np.sqrt(share) * luck.standard_normal(400)[group] + np.sqrt(1.0 - share) * luck.standard_normal(len(group))
    table = pd.DataFrame({"y": y, "classroom": group})
    found = intraclass(table, "y")
    assert found.value == pytest.approx(share, abs=0.04)
    _, p = stats.f_oneway(*(values for _, values in table.groupby("classroom")["y"]))
    assert found.p == pytest.approx(p)


def test_figures_of_networks_are_those_of_their_classes() -> None:
    design = Design(kindergarten(8, weeks=1), classes=1, children=8, waves={"T1": Wave(1)}, measures=("closeness",))
    study = Study("X1", "A network", "Nobody (2020)", design, lambda _: {"r": Estimate(0.0)}, ())
    sample = study.draw(study.cohort(1), np.random.default_rng(1))
    scene = sample.scenes["T1"]
    chosen, _ = nominations(scene.liking[0])
    expected = network_facts(chosen, scene.children["sex"][0])
    found = network(sample, "T1")
    assert chosen.any()
    assert {name.replace(" ", "_"): figure.value for name, figure in found.items()} == pytest.approx(vars(expected))
