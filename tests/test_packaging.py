"""What is given out: versions that agree, files that name no machine, a wheel with all it needs and no more."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALLS = ("pyproject.toml", "requirements.txt", "Makefile", ".ci/run")
ELSEWHERE = re.compile(
    r"://|--(extra-)?index-url|--find-links|--trusted-host|--hash|\s@\s|/(work|tmp|root|home|opt|Users)/"
)
PIN = re.compile(r"[a-z0-9][a-z0-9.-]*==[0-9][A-Za-z0-9.!+]*( ; python_version == \"3\.\d+\"( or .*)?)?")


def text(name: str) -> str:
    """A file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", INSTALLS)
def test_installing_depends_on_no_particular_host_or_machine(name: str) -> None:
    assert not ELSEWHERE.search(text(name))


def test_requirements_are_exact() -> None:
    lines = [line for line in text("requirements.txt").splitlines() if not line.startswith("#")]
    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    extras = PROJECT["optional-dependencies"]
    pinned = {line.split("==")[0] for line in text("requirements.txt").splitlines()}
    for dependency in (*PROJECT["dependencies"], *extras["app"], *extras["docs"], *extras["test"]):
        assert re.split(r"[<>=!~\[ ]", dependency)[0].lower() in pinned
    for dependency in (*PROJECT["dependencies"], *(entry for extra in extras.values() for entry in extra)):
        assert re.search(rf'"{re.escape(dependency)}",\s+# \w', text("pyproject.toml")), dependency


# Who may import what: every folder or file, and the extras that it is used with; without one, a plain installation.
IMPORTERS = {
    "sim": (),
    "sim/dashboard": ("app",),
    "sim/studies": ("studies",),
    "sim/sweeps/cluster.py": ("cluster",),
    "sim/sweeps/discovery.py": ("discovery",),
    "app.py": ("app",),
    "docs": ("docs",),
    "experiments": ("studies",),
    "scripts": tuple(PROJECT["optional-dependencies"]),
    "benchmarks": tuple(PROJECT["optional-dependencies"]),
    "tests": tuple(PROJECT["optional-dependencies"]),
}
GUARDED = {("sim/cli/terminal.py", "solara"), ("sim/output/export.py", "pyreadstat")}
"""Imports of what need not be there, by those who can do without."""
PART_OF = {"solara-ui": "solara", "solara-server": "solara"}
NOT_IMPORTED = {
    "axe-playwright-python": "tests that are skipped without it",
    "codespell": "a command of `make lint`",
    "duckdb": "a test that is skipped without it",
    "furo": "a theme, which Sphinx finds by its name",
    "hatch-fancy-pypi-readme": "a part of what builds the wheel",
    "hatchling": "builds the wheel, in a process of its own",
    "import-linter": "a command of `make lint`",
    "ipyvue": "has to be of one generation with solara",
    "ipyvuetify": "has to be of one generation with solara",
    "myst-nb": "an extension, which Sphinx finds by its name",
    "mypy": "a command of `make lint`",
    "pandas-stubs": "types that mypy reads",
    "pre-commit": "a command for whoever commits",
    "pytest-xdist": "an option of pytest",
    "ruff": "a command of `make lint`",
    "scipy-stubs": "types that mypy reads",
    "solara-assets": "files for the browser",
    "types-defusedxml": "types that mypy reads",
    "types-openpyxl": "types that mypy reads",
}
OUR_OWN = {"sim", "scripts", "browser", "benchmarks"} | {
    path.stem for folder in ("scripts", "benchmarks", "experiments", "tests") for path in (ROOT / folder).rglob("*.py")
}


def canonical(requirement: str) -> str:
    """The name of a package, as all spell it."""
    return re.split(r"[<>=!~\[ ;]", requirement)[0].lower().replace("_", "-")


def declared(extras: Iterable[str]) -> set[str]:
    """Names of the packages that an installation with some extras asks for."""
    lists = (PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras))
    return {canonical(requirement) for listed in lists for requirement in listed}


def imports() -> Iterator[tuple[str, str, set[str]]]:
    """Every import of something that is not ours: the file, the module, and the packages that have it."""
    packages = packages_distributions()
    for place in IMPORTERS:
        for path in sorted((ROOT / place).rglob("*.py")) if (ROOT / place).is_dir() else [ROOT / place]:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for module in {name.partition(".")[0] for name in names} - OUR_OWN - sys.stdlib_module_names:
                    found = map(canonical, packages.get(module, []))
                    yield path.relative_to(ROOT).as_posix(), module, {PART_OF.get(name, name) for name in found}


def extras_for(file: str) -> tuple[str, ...]:
    """The extras with which a file is used: those of the nearest place."""
    return IMPORTERS[max((place for place in IMPORTERS if f"{file}/".startswith(f"{place}/")), key=len)]


def test_whatever_is_imported_is_asked_for() -> None:
    undeclared = {(file, module) for file, module, packages in imports() if not packages & declared(extras_for(file))}
    assert undeclared == GUARDED


def test_whatever_is_asked_for_is_used() -> None:
    used = {package for _file, _module, packages in imports() for package in packages}
    assert declared(PROJECT["optional-dependencies"]) - used == NOT_IMPORTED.keys()


def test_the_bill_of_materials_names_all_that_is_installed_and_its_licences(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "bill_of_materials.py"
    subprocess.run([sys.executable, script, tmp_path / "bom.json"], check=True, stdout=subprocess.DEVNULL)
    found = json.loads((tmp_path / "bom.json").read_text(encoding="utf-8"))
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.5")
    assert found["metadata"]["component"]["version"] == PROJECT["version"]
    components = {entry["name"]: entry for entry in found["components"]}
    assert {canonical(requirement) for requirement in PROJECT["dependencies"]} <= components.keys()
    assert "pytest" not in components
    for name, entry in components.items():
        assert entry["purl"] == f"pkg:pypi/{name}@{version(name)}"
        assert [licence["license"]["name"] for licence in entry["licenses"]] not in ([], ["not said"]), name
    for entry in found["dependencies"]:
        assert {entry["ref"], *entry["dependsOn"]} <= {"spiraal", *components}


def test_versions_agree() -> None:
    released = re.search(r"^## \[(.+?)\] - (\S+)$", text("CHANGELOG.md"), re.MULTILINE)
    assert released
    cited = dict(line.split(": ", 1) for line in text("CITATION.cff").splitlines() if re.match(r"[a-z-]+: \S", line))
    assert released[1] == PROJECT["version"] == cited["version"]
    assert released[2] == cited["date-released"]
    assert cited["license"] == PROJECT["license"]


def test_the_readme_names_both_commands() -> None:
    assert "make app" in text("README.md")
    assert "make test" in text("README.md")


def test_the_wheel(tmp_path: Path) -> None:
    """Built with the packages at hand; skipped where the backend is not among them."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    backend = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", backend, tmp_path], cwd=ROOT, check=True, capture_output=True, text=True
    )
    wheel = tmp_path / built.stdout.split()[-1]
    assert wheel.stat().st_size < 2_000_000
    files = set(zipfile.ZipFile(wheel).namelist())
    about = f"spiraal-{PROJECT['version']}.dist-info/"
    strange = {
        name for name in files if not name.startswith(("sim/", about)) or re.search(r"/[._]?(pyc|test|cache|hyp)", name)
    }
    assert strange - {"sim/__pycache__"} == set()
    endings = {Path(name).suffix for name in files if name.startswith("sim/")}
    assert endings <= {
        ".npz",
        ".xz",
        ".py",
        ".vue",
        ".css",
        ".html",
        ".svg",
        ".js",
        ".json",
        ".toml",
        ".csv",
        ".po",
        ".md",
        ".parquet",
        ".typed",
    }
    for folder, pattern in (
        ("sim", "files/shipped/examples/*"),
        ("sim", "files/shipped/locale/*/*/*.po"),
        ("sim", "dashboard/**/*.vue"),
        ("sim", "dashboard/assets/*"),
        ("sim", "**/*.py"),
        ("sim", "py.typed"),
    ):
        expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob(pattern) if path.is_file()}
        assert expected
        assert expected <= files
    for pattern in ("*.py", "*.toml", "*.json"):
        assert {f"sim/experiments/{path.name}" for path in (ROOT / "experiments").glob(pattern)} <= files
    assert "sim/experiments/held_out.toml" in files
    assert "sim/files/shipped/calibrated.toml" in files
    assert f"{about}licenses/LICENSE" in files
    shown = zipfile.ZipFile(wheel).read(f"{about}METADATA").decode()
    assert "make app" in shown
    assert re.findall(r"\]\((?!https?:)[^)]*\)", shown) == []


def test_the_package_shows_what_it_offers() -> None:
    import sim

    assert dir(sim) == sorted([*sim.__all__, "__version__"])
    assert sim.__version__ == PROJECT["version"]
    assert all(getattr(sim, name) is not None for name in sim.__all__)
    done = subprocess.run([sys.executable, "-m", "sim.cli", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"spiraal {PROJECT['version']}"
