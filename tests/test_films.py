"""Films are what the program would make now, and shown only by the program that made them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard import films
from sim.dashboard.choices import Choices, pair_of, scenarios
from sim.dashboard.picture import Shelf, keys_of
from sim.dashboard.stories import stories

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A film file of the test's own."""
    path = tmp_path / "films.json.xz"
    path.write_bytes(films.FILMS_FILE.read_bytes())
    monkeypatch.setattr(films, "FILMS_FILE", path)
    films.films.cache_clear()
    yield path
    films.films.cache_clear()


def test_no_film_is_stale(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import write_films

    assert write_films.main(["--check"]) == 0, capsys.readouterr().out


def test_there_is_a_film_of_every_story_and_of_nothing_else() -> None:
    assert all(films.film_of(keys_of(pair_of(Choices(scenario=name)))) for name in stories())
    assert next(iter(scenarios())) in stories()
    for changed in (Choices(seed=77), Choices(strain=0.31), Choices(interventions=())):
        assert films.film_of(keys_of(pair_of(changed))) is None


def test_a_film_is_shown_without_a_year_being_simulated() -> None:
    shelf, pair = Shelf(), pair_of(Choices())
    film = films.film_of(keys_of(pair))
    assert film is not None
    assert shelf.picture(pair) == film.picture
    assert shelf.story(pair, film.child, "nl") == film.story["nl"] != film.story["en"]
    assert shelf._year.cache_info().misses == 0
    other = json.loads(shelf.story(pair, (film.child + 1) % 25, "en"))
    assert other["child"] == (film.child + 1) % 25
    assert shelf._year.cache_info().misses == 2


def test_films_of_another_program_are_not_shown(monkeypatch: pytest.MonkeyPatch, fresh: Path) -> None:
    assert films.films()
    films.films.cache_clear()
    monkeypatch.setattr(films, "program", lambda: "another one")
    assert films.films() == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", lzma.compress(b"{"), lzma.compress(b"[]"), lzma.compress(b'{"program": 1}')],
)
def test_without_films_everything_is_simulated(fresh: Path, content: bytes) -> None:
    fresh.write_bytes(content)
    assert films.films() == {}
    fresh.unlink()
    films.films.cache_clear()
    assert films.films() == {}
    shelf: Any = Shelf()
    shelf.picture(pair_of(Choices()))
    assert shelf._year.cache_info().misses == 2


def test_a_function_in_the_place_of_another_makes_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim import run

    before = films.program()
    monkeypatch.setattr(run, "cut", lambda classes, _first, _last: classes)
    assert films.program() != before
