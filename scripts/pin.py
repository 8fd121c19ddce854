"""Write requirements.txt: the exact versions of environments in which everything was tested.

Make an environment for each Python version (``make test`` in a copy of the project), then name their interpreters::

    python scripts/pin.py copy-311/.venv/bin/python copy-312/.venv/bin/python copy-313/.venv/bin/python

What the environments agree about is one line; what they do not is a line for each Python version.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
OURS = frozenset(("spiraal", "pip", "setuptools", "wheel"))
HEAD = """\
# Exact versions of everything that Spiraal was tested with, on Python {versions}.
# `make` installs by them; without make: pip install --constraint requirements.txt ".[app]"
# Written by scripts/pin.py, which says how.
"""
ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def installed(interpreter: Path) -> dict[str, str]:
    """Versions of the packages in an environment, by name."""
    listed = output(interpreter, "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
    packages = {entry["name"].lower().replace("_", "-"): entry["version"] for entry in json.loads(listed)}
    return {name: version for name, version in packages.items() if name not in OURS}


def output(interpreter: Path, *arguments: str) -> str:
    """What an interpreter prints."""
    return subprocess.run([interpreter, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def pins(environments: Mapping[str, Mapping[str, str]]) -> list[str]:
    """One line for each package and version; `environments` has the packages by Python version."""
    lines = []
    for name in sorted({name for packages in environments.values() for name in packages}):
        found = {python: packages.get(name) for python, packages in environments.items()}
        for version in dict.fromkeys(found.values()):
            pythons = [python for python, other in found.items() if other == version]
            marker = " or ".join(f'python_version == "{python}"' for python in pythons)
            if version is not None:
                lines.append(f"{name}=={version}" + ("" if len(pythons) == len(environments) else f" ; {marker}"))
    return lines


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("interpreters", type=Path, nargs="+", help="Python interpreter of a tested environment")
    interpreters = parser.parse_args().interpreters
    environments = {output(interpreter, "-c", ASK): installed(interpreter) for interpreter in interpreters}
    text = HEAD.format(versions=", ".join(environments)) + "\n".join(pins(environments)) + "\n"
    REQUIREMENTS.write_text(text, encoding="utf-8")
    print(f"{REQUIREMENTS.name}: {len(text.splitlines()) - HEAD.count(chr(10))} lines")


if __name__ == "__main__":
    main()
