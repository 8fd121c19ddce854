"""The tutorials of the documentation: each is executed, and what its text says of its numbers is so."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"

# What a tutorial says in words, asked of what its cells have found.
SAYS = {
    "vicious-cycle": """
        assert all(0.9 < row[1] < 1.0 and row[2] > 12 and row[3] for row in rows)
        assert effects["without helplessness"].mean() == effects.mean().min() < -0.5
        assert abs(effects["without image"].mean()) < 0.1
        low, high = mean_interval(effects["with Samen-Spel"].to_numpy())
        assert low < high < 0.0
        early, late = table[table["measure"] == "conflict"].set_index("week")["median"][list(worlds.weeks)]
        assert early < late < 0.0
    """,
    "plan-a-trial": """
        assert list(found.table["power"]) == sorted(found.table["power"])
        assert found.needed.classes is None and found.table["high"].iloc[-1] < 0.8
        assert found.table["error"].iloc[0] > abs(found.effect) / 2
        assert shares["with losses"] < shares["as planned"]
    """,
    "test-a-theory": """
        with_, without = (findings[40, theory] for theory in THEORIES)
        assert np.median(with_.values) > np.quantile(without.values, 0.975) and abs(np.median(without.values)) < 0.03
        few, few_without = (findings[10, theory].values[:, 0] for theory in THEORIES)
        assert np.quantile(few, 0.1) < np.quantile(few_without, 0.9)
        assert all(one > max(other, 0.0) for _, one, other in rows)
        assert min(one for _, one, _ in rows) < with_.latent[0] / 2
    """,
}


def test_every_tutorial_is_held_to_what_it_says() -> None:
    assert {path.stem for path in TUTORIALS.glob("*.md")} == SAYS.keys()


@pytest.mark.parametrize("name", SAYS)
def test_a_tutorial_runs_and_says_what_comes_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("LANG", "C.UTF-8")
    notebook = jupytext.read(TUTORIALS / f"{name}.md")
    ends = len(notebook.cells)
    notebook.cells += jupytext.reads("# %%\n" + textwrap.dedent(SAYS[name]), fmt="py:percent").cells
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells[:ends] for output in cell.get("outputs", [])]
    assert any("image/png" in data(output) for output in shown)
    assert any("text/html" in data(output) for output in shown)
    tables = "".join(data(output).get("text/html", "") for output in shown)
    assert not re.search(r"""(src|href)=["']?\w*:?//""", tables)
    assert [output for output in shown if output.get("name") == "stderr"] == []


def data(output: dict[str, Any]) -> dict[str, str]:
    """What an output shows, by kind."""
    return dict(output.get("data", {}))
