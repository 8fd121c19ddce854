"""Make the films of the guided stories anew: what the dashboard shows of them before equations are compiled.

Run by hand after the model, a scenario or a text of the log has changed::

    python scripts/write_films.py            # make them
    python scripts/write_films.py --check    # say which are stale, and end with 1 if any is
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from sim.dashboard.choices import Choices, followed, pair_of
from sim.dashboard.films import FILMS_FILE, Film, film_of, packed, title
from sim.dashboard.picture import Shelf, keys_of
from sim.dashboard.stories import stories
from sim.files.language import LANGUAGES
from sim.files.writing import write_whole


def made() -> Mapping[str, tuple[str, Film]]:
    """The films by name of the story, each with the name under which it is kept."""
    found = {}
    for name in stories():
        choices, shelf = Choices(scenario=name), Shelf(films=False)
        pair, child = pair_of(choices), followed(choices)
        if child is None:
            child = shelf.protagonist(pair)
        told = {language: shelf.story(pair, child, language) for language in LANGUAGES}
        found[name] = title(keys_of(pair)), Film(child, shelf.picture(pair), told)
    return found


def stale() -> list[str]:
    """Stories of which there is no film, or not the one that the program would make."""
    return [name for name, (_, film) in made().items() if film != film_of(keys_of(pair_of(Choices(scenario=name))))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make or check all films."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="make nothing; end with 1 if a film is stale")
    if parser.parse_args(arguments).check:
        names = stale()
        for name in names:
            print(f"the film of {name} is stale; run: python scripts/write_films.py")
        return 1 if names else 0
    write_whole(FILMS_FILE, packed(dict(made().values())))
    print(f"{FILMS_FILE.name}: {FILMS_FILE.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
