"""The studies in the folder of experiments: found in a checkout and in an installed package, and run by name.

A study is a Python file with a docstring, whose first line is its title, and a function `study() -> str` that
runs it and returns the report.
"""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

__all__ = ["EXPERIMENTS", "run_study", "studies", "title"]

PACKAGED = Path(__file__).parent / "experiments"
EXPERIMENTS = PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[1] / "experiments"
ENTRY = "study"


def studies() -> dict[str, Path]:
    """Files of all studies, by name."""
    return {path.stem: path for path in sorted(EXPERIMENTS.glob("*.py")) if ENTRY in defined(path)}


def defined(path: Path) -> set[str]:
    """Names of the functions that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def title(path: Path) -> str:
    """First line of a study's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    return text.splitlines()[0]


def run_study(name: str) -> str:
    """Run a study; returns its report."""
    return str(runpy.run_path(str(studies()[name]))[ENTRY]())
