"""Results for other programs: every file is read back as the program that it is for reads it."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from strategies import chosen_for, small

from sim.cli import main
from sim.files.classlist import ChildRow, ClassList, Upload, read_class_list
from sim.files.language import Language, use
from sim.output import run_folder
from sim.output.export import CHANGING, CONSTANT, PROGRAMS, export, read_results
from sim.output.run_folder import ARMS, OutputError
from sim.peers import nominations
from sim.record import Twins
from sim.run import twins
from sim.state import CHILD
from sim.year.dyad import state_space_grid

NAMES = ("NA", "class", "klas", "=SUM(A1)", "Zoë; --", "O'Neill, Jan", "nan", "1")


@pytest.fixture(scope="module")
def pair() -> Twins:
    """Three weeks of four days; children whose names programs could take for something else."""
    roster = ClassList(tuple(ChildRow(name=name, sex="boy" if i % 2 else "girl") for i, name in enumerate(NAMES)))
    scenario = small(size=len(NAMES), weeks=3, days_per_week=4, interventions=[chosen_for("banking-time", count=2)])
    spec = scenario.classroom.model_copy(update={"roster": roster, "list": "class.csv"})
    return twins(scenario.model_copy(update={"classroom": spec}))


@pytest.fixture(scope="module")
def folder(pair: Twins, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run, as `spiraal run` writes them."""
    place = tmp_path_factory.mktemp("run")
    run_folder.write_results(pair, place)
    return place


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use("en"):
        yield


def written(folder: Path, program: str, out: Path) -> dict[str, Path]:
    """The files for a program."""
    export(folder, program, out)
    return {path.name: path for path in out.iterdir()}


def test_every_program_gets_files(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyreadstat", reason="files for SPSS: pip install spiraal[spss]")
    for program in PROGRAMS:
        files = written(folder, program, tmp_path / program)
        assert files
        assert all(path.stat().st_size for path in files.values())


def test_networks_have_labels_and_weights_and_are_those_of_the_waves(pair: Twins, folder: Path, tmp_path: Path) -> None:
    files = written(folder, "gephi", tmp_path / "out")
    calendar = pair.without.calendar
    assert len(files) == 2 * len(set(calendar.waves.values()))
    for arm, record in zip(ARMS, (pair.without, pair.with_), strict=True):
        for day in calendar.waves.values():
            graph = nx.read_graphml(files[f"sociogram-{arm}-week-{calendar.week(day):02d}.graphml"], node_type=int)
            assert [graph.nodes[i]["label"] for i in range(len(NAMES))] == list(NAMES)
            named = dict(zip(("like", "dislike"), nominations(record.liking[day]), strict=True))
            for kind, matrix in named.items():
                edges = {(i, j): edge for i, j, edge in graph.edges(data=True) if edge["kind"] == kind}
                assert set(edges) == {(int(i), int(j)) for i, j in np.argwhere(matrix)}
                for (i, j), edge in edges.items():
                    assert edge["weight"] == pytest.approx(abs(record.liking[day][i, j]), abs=1e-6)
                    assert edge["weight"] > 0


def test_networks_are_read_back_as_nominations(pair: Twins, folder: Path, tmp_path: Path) -> None:
    files = written(folder, "gephi", tmp_path / "out")
    listed = Upload("class.csv", "\n".join(["name", *(f'"{name}"' for name in NAMES)]).encode())
    for file in files.values():
        graph = nx.read_graphml(file, node_type=int)
        found = read_class_list(listed, file)
        expected = {(NAMES[i], NAMES[j], edge["kind"]) for i, j, edge in graph.edges(data=True)}
        assert {(tie.who, tie.whom, tie.kind) for tie in found.nominations} == expected


def test_a_project_of_gridware_lists_its_trajectories(pair: Twins, folder: Path, tmp_path: Path) -> None:
    files = written(folder, "gridware", tmp_path / "out")
    rows = [line.split("\t") for line in files["spiraal.gwf"].read_text("ascii").splitlines()]
    heads = [row[0] for row in rows if row[0].startswith("<")]
    assert heads == ["<GridWare>", "<Config>", "</Config>", "<Trajectories>", "</Trajectories>", "</GridWare>"]
    states = [row for row in rows if row[0] == "state"]
    assert states == [["state", "integer", who, "1", "5", *"12345"] for who in ("Child", "Teacher")]
    identifiers = {row[2]: row[3:] for row in rows if row[0] == "identifier"}
    listed = rows[rows.index(["<Trajectories>"]) + 1 : rows.index(["</Trajectories>"])]
    assert listed[0] == ["Class", "Number", "Filename"]
    assert sorted(row[2] for row in listed[1:]) == sorted(name for name in files if name.endswith(".trj"))
    for arm, number, file in listed[1:]:
        assert arm in identifiers["Class"]
        assert number in identifiers["Number"]
        record = pair.without if arm == "without" else pair.with_
        met = record.contacts[record.contacts["child"] == int(number) - 1]
        *steps, end = files[file].read_text("ascii").split("\n")[1:]
        assert end == str(len(met))
        counts = np.zeros((5, 5), dtype=int)
        for step in steps:
            _onset, child, teacher = map(int, step.split("\t"))
            counts[teacher - 1, child - 1] += 1
        np.testing.assert_array_equal(counts, state_space_grid(met).counts)


def test_a_project_of_gridware_has_names_in_its_list_alone(folder: Path, tmp_path: Path) -> None:
    files = written(folder, "gridware", tmp_path / "out")
    content = files.pop("trajectories.txt")
    listed = pd.read_csv(content, sep="\t", encoding="utf-8-sig", keep_default_na=False, dtype=str)
    assert listed["child"].str.removeprefix("'").tolist() == [*NAMES, *NAMES]
    assert not [path for path in files.values() if "Zoë" in path.read_text("utf-8")]


def test_networks_and_covariates_for_rsiena_are_those_of_the_run(pair: Twins, folder: Path, tmp_path: Path) -> None:
    files = written(folder, "rsiena", tmp_path / "out")
    days = list(dict.fromkeys(pair.without.calendar.waves.values()))
    for arm, record in zip(ARMS, (pair.without, pair.with_), strict=True):
        for wave, day in enumerate(days, start=1):
            liked, disliked = nominations(record.liking[day])
            np.testing.assert_array_equal(np.loadtxt(files[f"likes-{arm}-wave-{wave}.txt"]), liked)
            np.testing.assert_array_equal(np.loadtxt(files[f"dislikes-{arm}-wave-{wave}.txt"]), disliked)
        for state in CHANGING:
            ours = record.acceptance[days] if state == "acceptance" else record.children[state][days]
            np.testing.assert_allclose(np.loadtxt(files[f"{state}-{arm}.txt"]), ours.T, atol=1e-6)
    constant = pd.read_csv(files["constant.txt"], sep=" ")
    assert list(constant) == list(CONSTANT)
    np.testing.assert_allclose(constant["age"], pair.without.children["age"][0], atol=1e-6)
    np.testing.assert_array_equal(np.loadtxt(files["composition.txt"]), [[1, len(days)]] * len(NAMES))
    script = files["load.R"].read_text("utf-8")
    assert f"waves <- {len(days)}\nchildren <- {len(NAMES)}\n" in script
    assert script.count("(") == script.count(")")
    assert script.count("{") == script.count("}")
    named = set(re.findall(r'"([a-z-]+\.txt)"', script))
    assert named == {"constant.txt", "composition.txt"}
    assert set(re.findall(r'changing\("(\w+)"', script)) == set(CHANGING)
    assert set(re.findall(r'network\("(\w+)"', script)) == {"likes", "dislikes"}


def test_no_file_for_rsiena_has_a_name(folder: Path, tmp_path: Path) -> None:
    texts = [path.read_text("utf-8") for path in written(folder, "rsiena", tmp_path / "out").values()]
    assert not [text for text in texts if "Zoë" in text or "Neill" in text or "klas" in text]


def same(found: pd.DataFrame, ours: pd.DataFrame, tolerance: float) -> None:
    """Whether a table is that of the run."""
    assert list(found) == list(ours)
    assert len(found) == len(ours)
    for column in ours:
        if ours[column].dtype.kind in "iufb":
            np.testing.assert_allclose(found[column].astype(float), ours[column].astype(float), atol=tolerance)
        else:
            assert found[column].astype(str).str.removeprefix("'").tolist() == ours[column].astype(str).tolist()


@pytest.mark.parametrize(("language", "separator", "point"), [("en", ",", "."), ("nl", ";", ",")])
def test_tables_for_spreadsheets_have_the_dialect_of_the_language(
    folder: Path, tmp_path: Path, language: Language, separator: str, point: str
) -> None:
    with use(language):
        files = written(folder, "csv", tmp_path / "out")
    for name, table in read_results(folder).tables.items():
        content = files[f"{name}.csv"].read_bytes().decode("utf-8-sig")
        found = pd.read_csv(io.StringIO(content), sep=separator, decimal=point, keep_default_na=False)
        same(found, table, 5.1e-5)


def test_tables_for_stata_come_back(folder: Path, tmp_path: Path) -> None:
    files = written(folder, "stata", tmp_path / "out")
    for name, table in read_results(folder).tables.items():
        same(pd.read_stata(files[f"{name}.dta"]), table, 1e-12)
    with pd.read_stata(files["days.dta"], iterator=True) as file:
        labels = file.variable_labels()
    assert labels["closeness"] == "closeness of the dyad"


def test_tables_for_spss_come_back(folder: Path, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason="files for SPSS: pip install spiraal[spss]")
    files = written(folder, "spss", tmp_path / "out")
    for name, table in read_results(folder).tables.items():
        found, meta = pyreadstat.read_sav(files[f"{name}.sav"])
        same(found, table, 1e-12)
        assert name != "days" or meta.column_names_to_labels["closeness"] == "closeness of the dyad"


def test_wide_tables_have_a_row_a_child_and_class(pair: Twins, folder: Path, tmp_path: Path) -> None:
    files = written(folder, "stata", tmp_path / "out")
    found = pd.read_stata(files["wide.dta"])
    assert found["name"].tolist() == [*NAMES, *NAMES], "children alone have rows, whatever they are called"
    calendar = pair.without.calendar
    for arm, record in zip(ARMS, (pair.without, pair.with_), strict=True):
        rows = found[found["arm"] == arm]
        for week in range(calendar.weeks + 1):
            day = calendar.last_day(week)
            for state in (field.name for field in CHILD if field.kind == "state"):
                np.testing.assert_array_equal(rows[f"{state}_w{week:02d}"], record.children[state][day])
            np.testing.assert_array_equal(rows[f"acceptance_w{week:02d}"], record.acceptance[day])


def test_no_table_of_children_has_a_row_of_the_class(pair: Twins, folder: Path) -> None:
    days = read_results(folder).tables["days"]
    assert len(days) == 2 * len(NAMES) * (pair.without.calendar.days + 1)
    assert set(days["name"]) == set(NAMES)


# -- What is refused ---------------------------------------------------------------------------------------


def refused(folder: Path, out: Path, program: str = "csv") -> str:
    with pytest.raises(OutputError) as caught:
        export(folder, program, out)
    return str(caught.value)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, tmp_path / "out") == f"{tmp_path}: holds no results of a run"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"PAR1" * 9, b"name;age\n"])
def test_tables_that_are_none_are_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    shutil.copytree(folder, tmp_path / "run")
    (tmp_path / "run" / "days.parquet").write_bytes(content)
    assert refused(tmp_path / "run", tmp_path / "out").endswith("days.parquet: is not a table of a run")
    (tmp_path / "run" / "days.parquet").unlink()
    assert refused(tmp_path / "run", tmp_path / "out").endswith("days.parquet: is missing")
    shutil.copy(folder / "liking.parquet", tmp_path / "run" / "days.parquet")
    assert refused(tmp_path / "run", tmp_path / "out").endswith("days.parquet: is not a table of a run")


def test_a_table_that_speaks_of_children_who_are_not_there_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "run")
    liking = pd.read_parquet(folder / "liking.parquet")
    liking.loc[3, "whom"] = 99
    liking.to_parquet(tmp_path / "run" / "liking.parquet")
    assert "is not a table of a run" in refused(tmp_path / "run", tmp_path / "out")


def test_nothing_that_is_there_is_overwritten(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    before = sorted(path.name for path in folder.iterdir())
    assert "choose another folder" in refused(folder, tmp_path)
    assert "choose another folder" in refused(folder, folder)
    assert "choose another folder" in refused(folder, tmp_path / "mine.txt")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_writes_and_says_so(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ended(*arguments: str) -> object:
        with pytest.raises(SystemExit) as stopped:
            main(["--language", "en", "export", str(folder), *arguments])
        return stopped.value.code

    assert ended("--to", "stata", "--out", str(tmp_path / "out")) in (0, None)
    assert "stata" in capsys.readouterr().out
    assert (tmp_path / "out" / "wide.dta").is_file()
    assert ended("--to", "excel") == 2
    assert "allowed is one of gephi, gridware, rsiena, spss, stata, csv" in " ".join(capsys.readouterr().err.split())
