"""All studies repeated, on both cores, in parts that survive: what is computed is kept, and computed once.

The findings of a study are kept in a folder under a key that depends on all that they follow from: the study's file,
the sources of the model, parameters and sizes. Started again after an interruption, or after one study has changed, the
validation computes what is missing. What is made of the findings is in `sim.studies.report`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from threadpoolctl import threadpool_limits

from sim.files.fingerprint import fingerprint
from sim.files.writing import write_whole
from sim.processes import processes, quietly
from sim.studies import study as experiments
from sim.studies.study import load_study
from sim.studies.verdict import STUDIES, Findings, StudyError, pool, repeat

__all__ = ["KEEP", "WORKERS", "Job", "Outcome", "jobs", "validate"]

KEEP = Path(".validation")
WORKERS = 2
A_CLASS = 0.05
"""Seconds for each class of a study that was never done."""
FACTS = experiments.EXPERIMENTS / "validation.json"


# --- What is computed ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One study, to be repeated.

    Attributes
    ----------
    name
        Of the study's file.
    studies, classes
        How many studies of the published size, drawn from how many classes.
    parameters
        Values that differ from the defaults.
    label
        What it is called while it runs.
    """

    name: str
    studies: int
    classes: int
    parameters: Mapping[str, float] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        return self.label or self.name

    @property
    def key(self) -> str:
        """Depends on all that the findings follow from."""
        program = fingerprint(experiments.EXPERIMENTS / f"{self.name}.py", repeat.__module__)
        content = [program.digest, self.studies, self.classes, sorted(self.parameters.items())]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def file(self, keep: Path) -> Path:
        """Where the findings are kept."""
        return keep / f"{self.name}-{self.key}.json"

    def kept(self, keep: Path) -> Findings | None:
        """The findings, if they have been computed."""
        try:
            return Findings.from_json(json.loads(self.file(keep).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):  # not there, or not whole
            return None


def jobs(names: Sequence[str] | None = None, number: int = STUDIES) -> list[Job]:
    """The validation: all studies, or those of these names."""
    return [
        Job(name, number, pool(study))
        for name, study in ((name, load_study(name)) for name in (experiments.studies() if names is None else names))
    ]


def longest_first(todo: Sequence[Job]) -> list[Job]:
    """Those that took longest before come first; of those never done, those with most classes to simulate."""
    before = seconds_before()
    return sorted(todo, key=lambda job: before.get(job.name, A_CLASS * job.classes), reverse=True)


def seconds_before() -> dict[str, float]:
    """How long studies took when the validation was last done."""
    try:
        facts = json.loads(FACTS.read_text(encoding="utf-8"))
        return {name: float(study["seconds"]) for name, study in facts["studies"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


# --- Computing -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """How a job ended: with findings, or with an error in words."""

    job: Job
    findings: Findings | None
    error: str = ""


def validate(
    todo: Sequence[Job],
    keep: Path = KEEP,
    *,
    workers: int = WORKERS,
    progress: Callable[[Outcome | None, Sequence[Job]], object] = lambda _done, _running: None,
) -> list[Outcome]:
    """Compute what is not kept yet.

    Parameters
    ----------
    todo
        What is wanted.
    keep
        Folder for the findings.
    workers
        How many studies run at the same time, each in a process of its own.
    progress
        Is told each outcome as it comes, and which jobs run; at the beginning of a job the outcome is None.

    Returns
    -------
    list of Outcome
        In the order of `todo`; a study that crashes is among them, with its error.
    """
    keep.mkdir(parents=True, exist_ok=True)
    outcomes: dict[int, Outcome] = {}
    running: list[Job] = []
    missing = []
    for job in todo:
        if (findings := job.kept(keep)) is not None:
            outcomes[id(job)] = Outcome(job, findings)
            progress(outcomes[id(job)], ())
        else:
            missing.append(job)

    def alone(job: Job) -> Outcome:
        running.append(job)
        progress(None, tuple(running))
        try:
            return in_its_own_process(job, keep)
        finally:
            running.remove(job)

    threads = ThreadPoolExecutor(workers)
    with quietly():
        try:
            futures: list[Future[Outcome]] = [threads.submit(alone, job) for job in longest_first(missing)]
            for future in as_completed(futures):
                outcome = future.result()
                outcomes[id(outcome.job)] = outcome
                progress(outcome, tuple(running))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)  # nobody who stops wants to wait for what is half done
    return [outcomes[id(job)] for job in todo]


def in_its_own_process(job: Job, keep: Path) -> Outcome:
    """Run a job where its crash, or its appetite for memory, harms no other."""
    try:
        with processes(1) as one:
            one.submit(compute, job, job.file(keep)).result()
    except BrokenProcessPool:
        return Outcome(job, None, "its process was ended from outside")
    except Exception as error:  # noqa: BLE001 - a study is somebody's program
        return Outcome(job, None, f"{type(error).__name__}: {error}")
    found = job.kept(keep)
    return Outcome(job, found, "" if found else "its findings cannot be read")


def compute(job: Job, path: Path) -> None:
    """Repeat a study and keep its findings in `path`; the file is whole or not there.

    Raises
    ------
    StudyError
        Also when the sources are no longer those that the findings were to follow from.
    """
    if job.file(path.parent) != path:
        raise StudyError("the program was changed meanwhile; start again")
    study = load_study(job.name)
    with threadpool_limits(1):  # studies run beside each other, one a core
        found = repeat(study, studies=job.studies, classes=job.classes, parameters=job.parameters)
    write_whole(path, json.dumps(found.to_json()))
