"""A lesson that is opened, checked before it is printed, or written as a file; nothing of it is written down here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sim.dashboard.desk import Refused
from sim.dashboard.lesson import LessonError, as_file, in_language, lessons, read_lesson, sources, validated
from sim.files.language import _
from sim.files.reading import Upload

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.dashboard.lesson import Lesson

__all__ = ["answer"]

NAME: Final = "spiraal-lesson.toml"


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Read a lesson: a file, as ``open``; one that comes with the program, as ``shipped``; or plain data, as ``check``.

    Yields
    ------
    Mapping
        ``problems``: what is wrong with it, in words; or the ``lesson`` as plain data, with ``name`` and ``content``
        of a file of it, its ``sources`` (`sim.dashboard.lesson.sources`), and its name where it was ``shipped``.
    """
    details = question.details
    shipped = str(details.get("shipped", ""))
    try:
        lesson = in_language(lessons()[shipped], question.language) if shipped in lessons() else given(details)
    except LessonError as error:
        yield {"problems": error.lines}
        return
    yield {
        "lesson": lesson.told(question.language),
        "sources": list(sources(lesson, question.language)),
        "name": NAME,
        "content": as_file(lesson),
        "shipped": shipped if shipped in lessons() else "",
    }


def given(details: Mapping[str, Any]) -> Lesson:
    """Read what the browser sent."""
    if "check" in details:
        return validated(details["check"])
    sent = details.get("open")
    name, content = (sent.get("name"), sent.get("content")) if isinstance(sent, Mapping) else (None, None)
    if isinstance(name, str) and isinstance(content, str):
        try:
            return read_lesson(Upload(name, base64.b64decode(content, validate=True)))
        except (binascii.Error, ValueError):
            pass
    raise Refused(_("The lesson did not arrive. Please try again."))
