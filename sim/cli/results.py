"""The commands of `spiraal` for folders of results, also of somebody else: verify their files, show their plug-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import DIFFERENT, console, user_errors
from sim.files.language import _, ngettext, number

if TYPE_CHECKING:
    from rich.console import Console

    from sim.files.checksums import Verified
    from sim.plugins import Plugin

__all__ = ["TRUST", "plugins", "tell_why", "tell_without_checksums", "verify"]

FOLDER = Annotated[Path, typer.Argument(help="Folder with the results of a run or of a sweep.")]
TRUST = Annotated[
    bool, typer.Option("--trust-plugins", help="Run the plug-ins that are kept with the results; they are programs.")
]


def verify(folder: FOLDER) -> None:
    """Tell whether all files of a run or a sweep are as they were written; nothing in the folder runs."""
    with user_errors():
        from sim.output import run_folder
        from sim.sweeps import dataset

        found = dataset.verify(folder) if dataset.is_sweep(folder) else run_folder.verify(folder)
    screen = console()
    for line in found.wrong:
        screen.print(line, style="red", markup=False, soft_wrap=True)
    tell_without_checksums(screen, found, folder)
    message = ngettext("{count} file is as it was written.", "{count} files are as they were written.", found.right)
    screen.print(message.format(count=number(found.right, 0)), markup=False)
    if found.wrong or found.unknown:
        raise typer.Exit(DIFFERENT)


def plugins(folder: FOLDER) -> None:
    """Show the plug-ins that are kept with results; they do not run."""
    with user_errors():
        from sim.output import run_folder
        from sim.plugins import described, printable
        from sim.sweeps import dataset

        if dataset.is_sweep(folder):
            found: Sequence[Plugin] = dataset.read_manifest(folder).plugins
        else:
            manifest = run_folder.read_manifest(folder / run_folder.MANIFEST, run_folder.ResultsManifest)
            found = run_folder.kept_plugins(manifest, folder)
    screen = console()
    if not found:
        screen.print(_("{folder}: holds no plug-ins").format(folder=folder), markup=False)
    for plugin in found:
        screen.print(described(plugin), style="bold", markup=False, soft_wrap=True)
        screen.print(printable(plugin.source, "\n\t"), markup=False, soft_wrap=True)


def tell_without_checksums(screen: Console, found: Verified, folder: Path) -> None:
    """Say that files carry no checksums, if some do not."""
    if found.unknown:
        message = ngettext(
            "{folder}: {count} file carries no checksum, as in version 0.3.0: damage would not show",
            "{folder}: {count} files carry no checksums, as in version 0.3.0: damage would not show",
            len(found.unknown),
        )
        text = message.format(folder=folder, count=number(len(found.unknown), 0))
        screen.print(text, style="yellow", markup=False, soft_wrap=True)


def tell_why(screen: Console, others: Mapping[str, tuple[str, str]], changed: Sequence[str]) -> None:
    """Say what is another than when results were made, which may be why numbers differ."""
    if not others and not changed:
        screen.print(_("Program, libraries and computer are those of then, as far as is known."), markup=False)
        return
    screen.print(_("That may be because these are not as they were:"), markup=False)
    for name, (then, now) in others.items():
        screen.print(_("{package}: was {then}, is {now}").format(package=name, then=then, now=now), markup=False)
    if changed:
        parts = ", ".join(changed)
        screen.print(_("The program is not the same as then: {parts}").format(parts=parts), markup=False)
