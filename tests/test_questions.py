"""The page of questions: its cells are those of the model of today."""

from __future__ import annotations

import pandas as pd
import pytest

from scripts.measure_questions import LASTING, PAIRS, PLAN, WHERE, cells, lasted
from sim.state import to_item_mean
from sim.sweeps.chunk import names_of, run_cases
from sim.sweeps.discovery import condition
from sim.sweeps.sweep import Sweep, prepare


@pytest.fixture(scope="module")
def sweep() -> Sweep:
    return prepare(PLAN)


def test_its_cells_are_those_of_its_plan(sweep: Sweep) -> None:
    kept = cells()
    assert len(kept.share) == len(sweep.design) and kept.left_out == 0
    assert kept.classes == sweep.class_years
    for key, column in kept.columns.items():
        assert column == pytest.approx(sweep.design[key].to_numpy(dtype=float), rel=1e-3)


@pytest.mark.parametrize("cell", [0, 480, 995])
def test_the_model_of_today_gives_its_cells(sweep: Sweep, cell: int) -> None:
    scenario, replications = sweep.scenario_of(cell), sweep.plan.replications
    recording = sweep.plan.recording
    layout = recording.layout(scenario.calendar(), names_of(scenario))
    first = int(sweep.design["point"].iloc[cell]) * replications
    (seen,) = run_cases([(sweep.case_of(cell), range(first, first + replications))], layout)
    found = layout.of_classes(seen)
    table = pd.DataFrame(found, columns=[column.name for column in recording.columns])
    asked = condition(WHERE, list(table))
    assert asked.holds(table).mean() == pytest.approx(cells().share[cell], abs=1e-4)


def test_the_model_of_today_gives_what_lasts() -> None:
    """In a few classes of its plan, with and without, the difference is as it is in all."""
    lasting = prepare(LASTING)
    told = lasted()
    assert set(told["pairs"]) == {PAIRS}
    design, differences = lasting.design, []
    for fidelity in (0.0, 1.0):
        rows = (design["interventions.0.fidelity"] == fidelity) & (design["years.teacher"] == "drawn")
        case = lasting.case_of(int(design.loc[rows, "cell"].iloc[0]))
        layout = lasting.plan.recording.layout(case.scenario.calendar(), names_of(case.scenario))
        (seen,) = run_cases([(case, range(40))], layout)
        differences.append(pd.DataFrame(layout.of_classes(seen), columns=names(lasting)))
    difference = to_item_mean((differences[1] - differences[0]).to_numpy()) - to_item_mean(0.0)
    found = pd.DataFrame(difference, columns=names(lasting))
    for row in told[told["teacher"] == "drawn"].to_dict("records"):
        of_few = found[row["outcome"]]
        assert row["estimate"] == pytest.approx(of_few.mean(), abs=4.0 * of_few.sem())


def names(sweep: Sweep) -> list[str]:
    return [column.name for column in sweep.plan.recording.columns]
