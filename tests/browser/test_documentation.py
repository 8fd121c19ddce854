"""The picture of the dashboard in the documentation says what the dashboard says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Visitor

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_of_the_dashboard_says_what_the_page_says(
    visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import write_pictures

    visitor = visit(f"?scenario={write_pictures.STORY}")
    write_pictures.to_the_week(visitor.page)
    said = write_pictures.said(visitor.page)
    recorded = write_pictures.recorded()["dashboard.png"]["says"]
    assert write_pictures.hashed(said) == recorded, f"run: python scripts/write_pictures.py\n{said}"
