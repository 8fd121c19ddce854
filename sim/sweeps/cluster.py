"""Sweeps on a cluster: the parts of a sweep are computed by the workers of a Dask scheduler.

A worker gets all that it needs by value (scenario with class list, outcomes, the files of plug-ins) and gives
tables back; this process writes them. Workers need the same version of Spiraal, and nothing of the user's files. A
worker may end or join at any time: Dask gives its parts to others.
"""

from __future__ import annotations

import asyncio
import logging
import operator
import pkgutil
import warnings
from asyncio import wait_for
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

from sim.files.language import _
from sim.sweeps.chunk import Chunk, Tables, compute
from sim.sweeps.sweep import Computed, Sweep, engine_fingerprint

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["ClusterError", "on_cluster"]

PATIENCE = 10.0
"""Seconds within which a scheduler has to answer."""
GLANCE = 1.0
"""Seconds after which is looked whether workers have joined."""
AHEAD = 2
"""Parts on their way for each thread of a worker, so that none waits and memory stays flat."""


class ClusterError(Exception):
    """A cluster that cannot be reached, or does not do what it should; the message says what to do."""


Answer = tuple[str, str, Tables | None]
"""What a worker gives back: its address, the version of its engine, and tables if that is the one asked for."""


def answer(chunk: bytes, engine: str) -> Answer:
    """Compute a part of a sweep on a worker, unless its engine is another."""
    from distributed import get_worker
    from distributed.protocol.pickle import loads

    here = engine_fingerprint().digest
    return get_worker().address, here, compute(loads(chunk)) if here == engine else None


def begin(client: Client, chunk: Chunk, part: int) -> Future[Answer]:
    """Give a part to the cluster.

    `answer` is found by its name, and its argument read, not before it is called: a worker that has no Spiraal, or
    another version of it, then says so. If it could not even read what it is to do, it would end.
    """
    from distributed.protocol.pickle import dumps

    key = f"spiraal-{part}-{uuid4()}"
    call = (
        operator.call,
        (pkgutil.resolve_name, f"{__name__}:{answer.__name__}"),
        dumps(chunk),
        engine_fingerprint().digest,
    )
    future: Future[Answer] = client.get({key: call}, key, sync=False)
    return future


def on_cluster(
    sweep: Sweep, parts: Iterable[int], address: str, tell: Callable[[str], None] = lambda _message: None
) -> Computed:
    """Compute parts on the workers of a Dask scheduler.

    Parameters
    ----------
    sweep, parts
        Which parts of what.
    address
        Of the scheduler, such as ``tcp://host:8786``.
    tell
        Told, in words, what the user should know.

    Raises
    ------
    ClusterError
        When the scheduler does not answer or goes away, or a worker cannot do its part.
    """
    waiting = iter(parts)
    running: dict[Future[Answer], int] = {}
    with connected(address) as client, lost_connection(address):
        if not threads(client):
            tell(_("{address}: no worker has joined yet; waiting for one").format(address=address))
        while True:
            for part in islice(waiting, max(0, room(client) - len(running))):
                running[begin(client, sweep.chunk(part), part)] = part
            if not running:
                return
            for future in finished(client, running):
                part = running.pop(future)
                yield part, tables_of(future, part)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A connection to a scheduler that is closed again.

    Raises
    ------
    ClusterError
        When Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(_('--scheduler needs Dask: pip install "spiraal[cluster]"')) from None
    with quiet("distributed", "tornado", "asyncio"):
        check(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        try:
            yield client
        finally:
            client.close()


def check(address: str) -> None:
    """Check that a scheduler answers; a client would wait for good, and its threads would stay when it fails.

    Raises
    ------
    ClusterError
        When none does.
    """
    try:
        with ThreadPoolExecutor(1) as pool:  # a thread without an event loop, which the caller may have
            found = pool.submit(asyncio.run, wait_for(kind_of(address), PATIENCE)).result()
    except (OSError, ValueError, TypeError) as error:  # the last where an address wants certificates and there are none
        message = _("--scheduler: found {address}; no Dask scheduler answers there: {why}")
        why = " ".join(str(error).split()) or _("nothing within {seconds:g} seconds").format(seconds=PATIENCE)
        raise ClusterError(message.format(address=address, why=why)) from None
    if found != "Scheduler":
        message = _("--scheduler: found {address}; allowed is a Dask scheduler, and this is a {kind}")
        raise ClusterError(message.format(address=address, kind=found.lower()))


async def kind_of(address: str) -> str:
    """What it is that answers at an address, in the words of Dask."""
    from distributed import Security, rpc

    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=PATIENCE, connection_args=arguments) as remote:
        identity = await remote.identity()
    return str(identity["type"])


@contextmanager
def quiet(*names: str) -> Iterator[None]:
    """Keep the logs of libraries from the screen: what goes wrong is said in our own words."""
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in names]
    loggers = [logging.getLogger(name) for name in {*names, *known}]  # Dask gives levels to some of its own
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def lost_connection(address: str) -> Iterator[None]:
    """Say that the scheduler has gone away.

    Raises
    ------
    ClusterError
        Instead of what the libraries raise.
    """
    try:
        yield
    except (OSError, CancelledError):
        message = _(
            "{address}: the scheduler is gone; what was finished is kept, and the same command goes on from there"
        )
        raise ClusterError(message.format(address=address)) from None


def threads(client: Client) -> int:
    """How many threads all workers have together."""
    return sum(client.nthreads().values())


def room(client: Client) -> int:
    """How many parts may be on their way; one waits for a worker that may join."""
    return max(1, AHEAD * threads(client))


def finished(client: Client, running: Mapping[Future[Answer], int]) -> list[Future[Answer]]:
    """What is finished, after a while; workers that have joined in the meantime can then get something to do."""
    from distributed import wait

    with suppress(TimeoutError), client.as_current():
        return list(wait(list(running), timeout=GLANCE, return_when="FIRST_COMPLETED").done)
    return []


def tables_of(future: Future[Answer], part: int) -> Tables:
    """The tables of a part.

    Raises
    ------
    ClusterError
        When a worker could not compute it.
    """
    if error := future.exception():
        message = _(
            "part {part} cannot be computed on the cluster: {kind}: {error}\n"
            "workers need the same version of Spiraal as this computer"
        )
        why = " ".join(str(error).split())
        raise ClusterError(message.format(part=part, kind=type(error).__name__, error=why))
    worker, engine, tables = future.result()
    if tables is None:
        message = _("{worker}: has another version of Spiraal (engine {there}, here {here}); install the same there")
        raise ClusterError(message.format(worker=worker, there=engine[:12], here=engine_fingerprint().digest[:12]))
    return tables
