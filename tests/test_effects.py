"""Effects: those of functions whose effects are known, through a sweep that computes these functions."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from scipy import stats
from sweeps import spiraal, write_plan

from sim.cli.sweep import effect_tables
from sim.files.language import Language, use
from sim.sweeps.chunk import CHILDREN, DATA
from sim.sweeps.effects import THRESHOLD, Effects, EffectsError, analyse, estimate, in_words, titled, write_effects
from sim.sweeps.effects_figure import draw_effects
from sim.sweeps.results import Results, open_results
from sim.sweeps.sweep import Computed, Sweep, on_threads, prepare, run
from sim.year.differences import VISIBLE

ONE, OTHER = "interventions.0.fidelity", "interventions.1.fidelity"
CONFLICT, CLOSENESS = "conflict_mean_end", "closeness_mean_end"
SCHOOL = {"interventions": [{"name": "banking-time", "target": "highest conflict"}, {"name": "social-architect"}]}
TWO = {ONE: {"values": [0.0, 0.5, 1.0]}, OTHER: {"values": [0.0, 1.0]}}
PROBLEMS = {"class.problem_behaviour": {"values": [-1.0, 1.0]}}
CHILDREN_A_CLASS = 4

FORM = pa.schema(
    {"cell": pa.int64(), "replication": pa.int64(), "number": pa.int64(), "error": pa.string()}
    | dict.fromkeys((CONFLICT, CLOSENESS), pa.float64())
)

Function = Callable[[dict[str, Any], float], float]
"""Of the keys of a cell and of luck, a normal number of each class (or child)."""


def computed(sweep: Sweep, parts: Iterable[int], function: Function, failing: Collection[int]) -> Computed:
    """Compute a function where a sweep would run classes; closeness is 1 minus conflict."""
    for part in parts:
        rows, children = [], []
        for batch in sweep.chunk(part).batches:
            keys = sweep.design.loc[batch.cell].to_dict()
            for place, number in enumerate(batch.numbers):
                luck = np.random.default_rng(number).normal(size=1 + CHILDREN_A_CLASS)
                failed = batch.cell in failing
                who = {"cell": batch.cell, "replication": batch.replication + place, "number": number}
                conflict = None if failed else function(keys, luck[0])
                closeness = None if conflict is None else 1.0 - conflict
                rows.append({**who, "error": "no" if failed else None, CONFLICT: conflict, CLOSENESS: closeness})
                for child in range(CHILDREN_A_CLASS):
                    chosen = child < 2
                    at = {**keys, ONE: keys[ONE] if chosen else 0.0}
                    one = {"child": child, "chosen": chosen, "conflict_end": function(at, luck[1 + child])}
                    children.append({**who, **one})
        yield part, {DATA: pa.Table.from_pylist(rows, FORM), CHILDREN: pa.Table.from_pylist(children)}


def swept(
    folder: Path, function: Function, replications: int = 30, failing: Collection[int] = (), **changes: Any
) -> Results:
    """Results of a sweep over a known function."""
    outcomes = [{"variables": ["conflict"], "of": ["mean", "each"]}, {"variables": ["closeness"], "of": ["mean"]}]
    plan: dict[str, Any] = {"uncertainties": {}, "levers": {ONE: TWO[ONE]}, "outcomes": outcomes, **changes}
    sweep = prepare(write_plan(folder, school=SCHOOL, replications=replications, **plan))
    run(sweep, folder / "results", lambda sweep, missing: computed(sweep, missing, function, failing))
    return open_results(folder / "results")


def the_row(found: Effects, outcome: str = CONFLICT, **where: str) -> pd.Series:
    """The one row of the table with these values; without `by`, one that is not split."""
    rows = found.table[found.table["outcome"] == outcome]
    for name, value in ({"by": ""} | where).items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1, rows
    return rows.iloc[0]


# --- Known answers -----------------------------------------------------------------------------------


def test_differences_and_slope_of_a_straight_line(tmp_path: Path) -> None:
    results = swept(tmp_path, lambda keys, luck: 0.5 + 0.1 * luck - 0.2 * keys[ONE] * (1.0 + 0.1 * luck))
    found = analyse(results)
    luck = np.array([np.random.default_rng(number).normal() for number in range(30)])
    effects = -0.2 * (1.0 + 0.1 * luck)
    row = the_row(found, level="1", against="0")
    assert row["estimate"] == pytest.approx(effects.mean())
    interval = stats.ttest_1samp(effects, 0.0).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx(tuple(interval))
    assert row["spread"] == pytest.approx(effects.std(ddof=1))
    assert row["d"] == pytest.approx(effects.mean() / (0.1 * luck.std(ddof=1)))
    assert row["d_low"] < row["d"] < row["d_high"]
    assert (row["pairs"], row["units"]) == (30, 30)
    assert the_row(found, level="0.5")["estimate"] == pytest.approx(row["estimate"] / 2.0)
    assert the_row(found, effect="slope")["estimate"] == pytest.approx(row["estimate"])
    assert the_row(found, CLOSENESS, level="1")["estimate"] == pytest.approx(-row["estimate"])


def test_programmes_alone_and_together(tmp_path: Path) -> None:
    def function(keys: dict[str, Any], luck: float) -> float:
        return float(0.5 + 0.1 * luck - 0.2 * keys[ONE] - 0.1 * keys[OTHER] + 0.05 * keys[ONE] * keys[OTHER])

    found = analyse(swept(tmp_path, function, levers=TWO), outcomes=[CONFLICT])
    known = {
        (ONE, "difference", OTHER): -0.2,
        (OTHER, "difference", ONE): -0.1,
        (f"{ONE} × {OTHER}", "both", ""): -0.25,
        (f"{ONE} × {OTHER}", "interaction", ""): 0.05,
    }
    for (lever, effect, by), size in known.items():
        row = the_row(found, lever=lever, effect=effect, by=by)
        assert row["estimate"] == pytest.approx(size)
        assert row["pairs"] == row["units"] == 30
    main = the_row(found, lever=ONE, level="1")
    assert main["estimate"] == pytest.approx(-0.2 + 0.05 / 2.0), "over both levels of the other"
    assert (main["pairs"], main["units"]) == (60, 30)


def test_who_gains_and_who_loses(tmp_path: Path) -> None:
    assert pytest.approx(VISIBLE["conflict"] / 4.0) == THRESHOLD
    results = swept(tmp_path, lambda keys, luck: 0.5 - keys[ONE] * np.sign(luck) * THRESHOLD * 1.01, replications=50)
    falls = np.mean([np.random.default_rng(number).normal() > 0.0 for number in range(50)])
    found = analyse(results)
    for outcome in (CONFLICT, CLOSENESS):
        row = the_row(found, outcome, level="1")
        assert (row["gains"], row["loses"]) == pytest.approx((falls, 1.0 - falls)), "both are for the better"
        assert the_row(found, outcome, level="0.5")["gains"] == 0.0


def test_for_whom(tmp_path: Path) -> None:
    def function(keys: dict[str, Any], luck: float) -> float:
        return float(0.5 + 0.1 * luck - 0.1 * keys[ONE] * (2.0 + keys["class.problem_behaviour"]) * (1.0 + luck / 9.0))

    results = swept(tmp_path, function, uncertainties=PROBLEMS)
    found = analyse(results, by="class.problem_behaviour")
    few, many = (the_row(found, by="class.problem_behaviour", group=group, level="1") for group in ("-1", "1"))
    assert (few["pairs"], many["pairs"]) == (30, 30)
    assert few["estimate"] == pytest.approx(-0.1, abs=0.01) and many["estimate"] == pytest.approx(-0.3, abs=0.02)
    between = the_row(found, by="class.problem_behaviour", group="1 − -1", level="1")
    assert between["effect"] == "between groups"
    assert between["estimate"] == pytest.approx(many["estimate"] - few["estimate"])
    assert between["high"] < 0.0
    by_start = analyse(results, outcomes=[CLOSENESS], by=CONFLICT).table
    thirds = by_start[(by_start["by"] == CONFLICT) & (by_start["effect"] == "difference") & (by_start["level"] == "1")]
    assert thirds["pairs"].tolist() == [20, 20, 20]
    assert [group[0] for group in thirds["group"]] == ["≤", "0", ">"]


def test_children_are_compared_within_their_classes(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, lambda keys, luck: 0.5 + 0.1 * luck - 0.2 * keys[ONE]), by="chosen", children=True)
    row = the_row(found, "conflict_end", level="1")
    assert (row["pairs"], row["units"]) == (30 * CHILDREN_A_CLASS, 30)
    assert row["estimate"] == pytest.approx(-0.1)
    for group, size in (("True", -0.2), ("False", 0.0), ("True − False", -0.2)):
        split = the_row(found, "conflict_end", by="chosen", group=group, level="1")
        assert (split["estimate"], split["low"], split["high"]) == pytest.approx((size, size, size))


def test_in_how_many_worlds(tmp_path: Path) -> None:
    worlds = {"world": {"values": [0, 1, 2, 3]}}
    results = swept(
        tmp_path,
        lambda keys, luck: 0.5 + keys[ONE] * (0.01 * luck + (0.1 if keys["world"] == 2 else -0.1)),
        uncertainties=worlds,
    )
    found = analyse(results, outcomes=[CONFLICT], by="world")
    row = the_row(found, level="1")
    assert (row["same_sign"], row["worlds"]) == (3, 4)
    assert set(found.table["effect"]) == {"difference", "slope"}, "worlds have no order"
    assert "Worlds: in how many plausible worlds the difference has this sign." in found.remarks


def test_points_that_are_drawn_are_what_intervals_are_over(tmp_path: Path) -> None:
    uncertainties = {"class.problem_behaviour": {"low": -1.0, "high": 1.0}}
    design = {"kind": "latin-hypercube", "samples": 8}
    results = swept(
        tmp_path, lambda keys, luck: 0.5 + 0.1 * luck + keys[ONE] * keys["class.problem_behaviour"],
        replications=5, design=design, uncertainties=uncertainties,
    )  # fmt: skip
    row = the_row(analyse(results), level="1")
    assert (row["pairs"], row["units"]) == (40, 8)
    points = results.design.drop_duplicates("point")["class.problem_behaviour"]
    interval = stats.ttest_1samp(points, 0.0).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx(tuple(interval))


def test_texts_are_compared_in_the_order_of_the_plan(tmp_path: Path) -> None:
    sizes = {"lowest closeness": 0.0, "highest conflict": 0.1, "highest aggression": 0.3}
    target = "interventions.0.target"
    results = swept(
        tmp_path, lambda keys, luck: 0.1 * luck + sizes[keys[target]],
        levers={target: {"values": list(sizes)}, ONE: {"values": [1.0]}},
    )  # fmt: skip
    found = analyse(results, outcomes=[CONFLICT]).table
    assert found["effect"].tolist() == ["difference", "difference"]
    assert found["against"].tolist() == ["lowest closeness"] * 2
    assert found["estimate"].tolist() == pytest.approx([0.1, 0.3])


def test_classes_that_failed_are_left_out(tmp_path: Path) -> None:
    results = swept(tmp_path, lambda keys, luck: luck + keys[ONE], failing=(2,), uncertainties=PROBLEMS)
    found = analyse(results)
    assert the_row(found, level="1")["pairs"] == 30
    assert the_row(found, level="0.5")["pairs"] == 60
    assert found.remarks[0] == "30 of 180 classes are left out: failed or not done."


# --- Intervals ---------------------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_identical_arms_give_nothing(seed: int, classes: int) -> None:
    base = np.random.default_rng(seed).normal(size=2 * classes)
    unit, everyone = np.repeat(np.arange(classes), 2), np.ones(2 * classes, dtype=bool)
    for over in (None, base):
        found = estimate(np.zeros(2 * classes), unit, everyone, over=over)
        assert found == (0.0, 0.0, 0.0) if classes > 1 else found.estimate == 0.0 and np.isnan(found.low)


def covered(make: Callable[[np.random.Generator], tuple[Any, ...]], truth: float, tables: int = 1500) -> float:
    """In which share of tables the interval has the truth."""
    luck = np.random.default_rng(1)
    found = [make(luck) for _ in range(tables)]
    return float(np.mean([low <= truth <= high for _, low, high in found]))


@pytest.mark.parametrize("classes", [8, 40])
@pytest.mark.parametrize("children", [1, 5])
@pytest.mark.parametrize("what", ["mean", "d", "groups"])
def test_an_effect_that_was_put_in_is_found_as_often_as_said(classes: int, children: int, what: str) -> None:
    """Of 0.3, in children of whom those of a class share luck."""
    unit = np.repeat(np.arange(classes), children)
    group = unit % 2 == 0 if children == 1 else np.arange(len(unit)) % children < 2

    def make(luck: np.random.Generator) -> tuple[Any, ...]:
        base = luck.normal(size=classes * children)
        shared = luck.normal(size=classes)[unit]
        noise = 0.5 * shared + 0.5 * luck.normal(size=len(unit))
        if what == "groups":
            return estimate(0.3 * group + noise, unit, group, minus=~group)
        return estimate(0.3 + noise, unit, np.ones(len(unit), dtype=bool), over=base if what == "d" else None)

    assert covered(make, 0.3) == pytest.approx(0.95, abs=0.03)


def test_intervals_are_those_of_libraries() -> None:
    import statsmodels.api as sm

    luck = np.random.default_rng(2)
    unit = np.repeat(np.arange(60), 5)
    group = luck.random(300) < 0.4
    values = luck.normal(size=60)[unit] + luck.normal(size=300) + 0.5 * group
    found = estimate(values, unit, group, minus=~group)
    model = sm.OLS(values, sm.add_constant(group.astype(float)))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": unit, "df_correction": True}, use_t=True)
    assert found.estimate == pytest.approx(fit.params[1])
    assert (found.high - found.low) / 2.0 == pytest.approx(stats.t.ppf(0.975, 58) * fit.bse[1], rel=0.02)

    base = luck.normal(size=400)
    effects = 0.8 + 0.3 * base + luck.normal(size=400)
    everyone = np.ones(400, dtype=bool)
    ours = estimate(effects, np.arange(400), everyone, over=base)
    theirs = stats.bootstrap(
        (effects, base), lambda x, y, axis=-1: x.mean(axis=axis) / y.std(axis=axis, ddof=1), paired=True,
        n_resamples=2000, rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.03)


# --- Words, files, the command -----------------------------------------------------------------------


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    results = swept(tmp_path, lambda keys, luck: luck + keys[ONE], uncertainties=PROBLEMS)
    for asked, message in (
        ({"outcomes": ["joy"]}, r"--outcome: found 'joy'; allowed is one of conflict_mean_end, closeness_mean_end"),
        ({"levers": [OTHER]}, f"--lever: found '{OTHER}'; allowed is one of {ONE}"),
        ({"by": ONE}, f"--by: found '{ONE}'; allowed is one of class.problem_behaviour, conflict_mean_end, "),
        ({"by": "chosen"}, "--by: found 'chosen'"),
    ):
        with pytest.raises(EffectsError, match=message):
            analyse(results, **asked)
    (tmp_path / "one").mkdir()
    with pytest.raises(EffectsError, match="A small sweep: no lever has two levels to compare"):
        analyse(swept(tmp_path / "one", lambda _keys, luck: luck, levers={ONE: {"values": [1.0]}}))
    with pytest.raises(EffectsError, match="nowhere"):
        write_effects(analyse(results), tmp_path / "nowhere" / "effects.csv")


def test_a_file_speaks_the_language(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, lambda keys, luck: 0.1 * luck - 0.2 * keys[ONE]))
    write_effects(found, tmp_path / "en.csv")
    read = pd.read_csv(tmp_path / "en.csv", encoding="utf-8-sig", keep_default_na=False)
    assert list(read) == list(found.table)
    assert read["estimate"].to_numpy() == pytest.approx(found.table["estimate"].to_numpy(), abs=1e-4)
    with use("nl"):
        write_effects(found, tmp_path / "nl.csv")
    assert ";-0,2000;" in (tmp_path / "nl.csv").read_text(encoding="utf-8-sig")


def assert_fits(found: Effects) -> None:
    """On a narrow terminal, in either language, effects are named and nothing is cut off."""
    told: dict[Language, str] = {"en": "against", "nl": "tegenover"}
    for language, against in told.items():
        shown = io.StringIO()
        with use(language):
            screen = Console(width=80, file=shown)
            for table in effect_tables(found):
                screen.print(table)
        lines = shown.getvalue().splitlines()
        assert max(map(len, lines)) <= 80
        assert any(against in line for line in lines)
        assert "…" not in "".join(lines)


def test_a_factorial_of_real_classes_by_the_command(tmp_path: Path) -> None:
    school = {
        "weeks": 6,
        "class": {"size": 8},
        "interventions": [{"name": "banking-time", "target": "highest conflict"}, {"name": "social-architect"}],
    }
    outcomes = [{"variables": ["conflict"], "of": ["chosen", "chosen.banking-time"]}]
    levers = {ONE: {"values": [0.0, 1.0]}, OTHER: {"values": [0.0, 1.0]}}
    path = write_plan(tmp_path, school=school, uncertainties={}, levers=levers, outcomes=outcomes, replications=6)
    run(prepare(path), tmp_path / "results", partial(on_threads, workers=1))
    said = spiraal(tmp_path, "effects", "results", "--out", "effects.csv")
    assert f"conflict_chosen.banking-time_end, {ONE}" in said
    assert "both, beyond the sum of each alone" in said
    assert 'of = ["chosen.banking-time"] in a plan keeps the children of one' in said
    read = pd.read_csv(tmp_path / "effects.csv", encoding="utf-8-sig", keep_default_na=False)
    alone = read[(read["by"] == OTHER) & (read["lever"] == ONE)].set_index("outcome")["estimate"]
    assert_fits(analyse(open_results(tmp_path / "results")))
    rows = open_results(tmp_path / "results").table()
    for outcome in alone.index:
        pairs = rows[rows[OTHER] == 0.0].pivot_table(index="number", columns=ONE, values=outcome)
        assert alone[outcome] == pytest.approx((pairs[1.0] - pairs[0.0]).mean(), abs=1e-4)
    assert alone["conflict_chosen.banking-time_end"] < 4.0 * alone["conflict_chosen_end"] < 0.0, "one child, and all"
    assert f"conflict_chosen.banking-time_end, {ONE}, by {OTHER}" in said
    assert "0: 1 against 0" in said
    dutch = spiraal(tmp_path, "--language", "nl", "effects", "results", "--lever", ONE)
    assert "Verschil" in dutch and "Difference" not in dutch
    assert "--by: found 'joy'; allowed is one of " in spiraal(tmp_path, "effects", "results", "--by", "joy", code=2)
    assert "no child was kept" in spiraal(tmp_path, "effects", "results", "--children", code=2)


def test_effects_are_drawn_below_each_other(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, lambda keys, luck: luck + keys[ONE], levers=TWO), outcomes=[CONFLICT, CLOSENESS])
    with use("nl"):
        draw_effects(found, tmp_path / "effects.svg")
        rows = found.table[found.table["d"].notna()].to_dict("records")
        said = {"d, met een 95%-interval", *map(titled, rows), *map(in_words, rows)}
    drawn = ET.fromstring((tmp_path / "effects.svg").read_text("utf-8"))
    assert said <= {text.strip() for text in drawn.itertext()}
    draw_effects(found, tmp_path / "effects.png")
    assert (tmp_path / "effects.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(EffectsError, match=r"--figure: found effects.gif; allowed endings are .png, .svg, .pdf"):
        draw_effects(found, tmp_path / "effects.gif")
    with pytest.raises(EffectsError, match="No such file"):
        draw_effects(found, tmp_path / "nowhere" / "effects.png")
    many = Effects(found.title, pd.concat([found.table] * 30), ())
    with pytest.raises(EffectsError, match=r"allowed are 1 to 60: choose with --outcome and --lever"):
        draw_effects(many, tmp_path / "effects.png")
