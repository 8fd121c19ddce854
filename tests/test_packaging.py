"""What is given out: versions that agree, files that name no machine, a wheel with all it needs and no more."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
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
    for dependency in (*PROJECT["dependencies"], *extras["app"], *extras["test"]):
        assert re.split(r"[<>=!~\[ ]", dependency)[0].lower() in pinned
    for dependency in (*PROJECT["dependencies"], *(entry for extra in extras.values() for entry in extra)):
        assert re.search(rf'"{re.escape(dependency)}",\s+# \w', text("pyproject.toml")), dependency


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
        ".py",
        ".vue",
        ".css",
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


def test_the_package_shows_what_it_offers() -> None:
    import sim

    assert dir(sim) == sorted([*sim.__all__, "__version__"])
    assert sim.__version__ == PROJECT["version"]
    assert all(getattr(sim, name) is not None for name in sim.__all__)
    done = subprocess.run([sys.executable, "-m", "sim.cli", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"spiraal {PROJECT['version']}"
