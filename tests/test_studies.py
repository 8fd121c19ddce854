"""Every file in the folder of studies keeps the contract: what a study is, and that its analysis gives its claims."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from sim.studies import Design, Sample, Selection, Study, Wave, kindergarten, load_study, studies, title
from sim.studies.report import held_out_studies

NAMES = list(studies())
MOST_CHILDREN_A_CLASS = 40
TRIES = 4


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Of each study in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def study(name: str) -> Study:
    return load_study(name)


@pytest.fixture(scope="module")
def samples(study: Study) -> list[Sample]:
    """A few studies of the published size, from a cohort that is hardly larger."""
    cohort = study.cohort(study.design.classes)
    return [study.draw(cohort, np.random.default_rng(number)) for number in range(TRIES)]


def test_there_are_studies() -> None:
    assert {"doumen_2008", "white_kistner"} <= set(NAMES)
    assert len(NAMES) > 25
    assert "calibrate" not in NAMES and "mechanisms" not in NAMES


def test_a_name_that_no_study_has() -> None:
    with pytest.raises(KeyError):
        load_study("nothing_of_that_name")


def test_a_study_says_what_it_is(name: str, study: Study) -> None:
    assert title(studies()[name]).startswith(study.id)
    assert study.title and study.source
    assert re.fullmatch(r"[A-Z]{1,2}\d{0,2}[a-z]?", study.id), study.id
    text = studies()[name].read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert re.fullmatch(r"(P\d+)?", study.pattern)


def test_its_design_is_possible(study: Study) -> None:
    design = study.design
    size = len(design.population.classroom.rows())
    assert 1 <= size <= MOST_CHILDREN_A_CLASS
    per_class = size if design.selection.per_class is None else min(size, design.selection.per_class)
    assert 1 <= design.children <= design.classes * per_class
    times = [(wave.year, wave.week) for wave in design.waves.values()]
    assert times == sorted(times)
    assert all(year >= 1 and 0 <= week <= design.population.weeks for year, week in times)
    assert 0.0 <= design.attrition < 0.5


def test_its_claims_are_claims(study: Study) -> None:
    assert study.claims
    for claim in study.claims:
        assert claim.says
        assert claim.trust in {"A", "B"}, f"{claim.name}: figures of trust C are no claims"
        assert claim.role in {"fit", "pattern"}
        assert claim.direction in {None, -1, 0, 1}
        assert claim.value is None or claim.between is None
        assert claim.between is None or claim.between[0] < claim.between[1]
        assert any(part is not None for part in (claim.value, claim.between, claim.direction)), claim.name
        if claim.direction and claim.value:
            assert np.sign(claim.value) == claim.direction
    asked = [(claim.name, claim.says) for claim in study.claims]
    assert len(set(asked)) == len(asked)


def test_nothing_was_fitted_to_what_is_held_out(name: str, study: Study) -> None:
    assert name not in held_out_studies() or {claim.role for claim in study.claims} == {"pattern"}


def test_a_sample_is_of_the_published_size(study: Study, samples: list[Sample]) -> None:
    for sample in samples:
        children = sample.table["child"].nunique()
        assert 0.5 * study.design.children <= children <= study.design.children
        assert sample.table["classroom"].nunique() <= study.design.classes


def test_its_analysis_gives_its_claims(study: Study, samples: list[Sample]) -> None:
    failed: list[Exception] = []
    for sample in samples:
        try:
            found = study.analyse(sample)
        except Exception as error:  # noqa: BLE001 - a small sample may be too small for an analysis
            failed.append(error)
            continue
        assert {claim.name for claim in study.claims} <= set(found)
        assert all(len(estimate) == 2 for estimate in found.values())
        if all(np.isfinite(found[claim.name][0]) for claim in study.claims):
            return
    raise AssertionError(f"no analysis of {TRIES} gives all claims: {failed}")


# --- What a study may not be ---------------------------------------------------------------------------


def design(**changes: object) -> Design:
    given = {"population": kindergarten(), "classes": 2, "children": 8, "waves": {"T1": Wave(1)}, "measures": ()}
    return Design(**{**given, **changes})  # type: ignore[arg-type]


def test_a_design_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="no such instrument: height"):
        design(measures=("height",))
    with pytest.raises(ValueError, match="school or class"):
        design(assigned="child")
    with pytest.raises(ValueError, match="schools: found 3"):
        design(schools=3)
    with pytest.raises(ValueError, match="waves: found none"):
        design(waves={})
    with pytest.raises(ValueError, match="boy or girl"):
        Selection(sex="man")
    with pytest.raises(ValueError, match="by: is missing"):
        Selection(highest=True)


def test_files_without_a_study_are_no_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.py").write_text("X = 1\n", encoding="utf-8")
    (tmp_path / "wrong.py").write_text("STUDY = 1\n", encoding="utf-8")
    monkeypatch.setattr("sim.studies.study.EXPERIMENTS", tmp_path)
    assert list(studies()) == ["wrong"]
    with pytest.raises(TypeError, match="no Study"):
        load_study("wrong")
