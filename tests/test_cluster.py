"""Sweeps on a real Dask scheduler and real workers on this computer; some of them come to harm."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sweeps import HOOK, PLUGIN, ROOT, command, content, spiraal, surroundings, write_plan

from sim.sweeps.cluster import ClusterError, on_cluster
from sim.sweeps.sweep import prepare

HOST = "127.0.0.1"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")

PATIENCE = 120.0
ANSWER = 40.0
"""Seconds within which it is said that nobody answers: ten, and the start of the program."""
SWEEP = ("sweep", "plan.toml", "--out", "results")
PARTS = 64
LONG = {
    "replications": 50,
    "uncertainties": {"parameters.negativity": {"values": [1.0 + 0.01 * i for i in range(32)]}},
    "levers": {"teacher.strain": {"values": [0.2, 0.8]}},
    "outcomes": [{"variables": ["conflict"], "days": ["start", "end"], "of": ["mean", "each"]}],
    "school": {"weeks": 20, "class": {"size": 20}, "interventions": []},
}
"""A plan of 64 parts that takes a worker some seconds."""

Start = Callable[..., "subprocess.Popen[bytes]"]
Scheduler = tuple[str, "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan, and in `results` what comes out without a cluster."""
    folder = tmp_path_factory.mktemp("cluster")
    write_plan(folder, **LONG)
    spiraal(folder, *SWEEP)
    assert len(parts(folder / "results")) == PARTS
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts processes far from the plan, and ends those that are left."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with contextlib.ExitStack() as stack:

        def begin(*arguments: object, **more: str) -> subprocess.Popen[bytes]:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *map(str, arguments)],
                    cwd=elsewhere,
                    env={**surroundings(), **more},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(process.kill)
            return process

        yield begin


@pytest.fixture
def scheduler(start: Start) -> Scheduler:
    """Address and process of a scheduler without workers."""
    port = free_port()
    process = start("scheduler", "--host", HOST, "--port", port, "--no-dashboard", "--dashboard-address", f"{HOST}:0")
    wait_until(lambda: answers(port))
    return f"tcp://{HOST}:{port}", process


def worker(start: Start, address: str, **more: str) -> subprocess.Popen[bytes]:
    """A worker of one thread that nobody starts again when it ends."""
    options = ("--host", HOST, "--no-nanny", "--no-dashboard", "--nthreads", 1, "--local-directory", ".")
    return start("worker", address, *options, **more)


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
        return True
    return False


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.002)


def parts(results: Path) -> list[Path]:
    return sorted((results / "data").glob("part-*.parquet"))


@contextlib.contextmanager
def started(folder: Path, address: str, **settings: Any) -> Iterator[subprocess.Popen[str]]:
    """A sweep that is running on a cluster."""
    with subprocess.Popen(
        command(*SWEEP, "--scheduler", address),
        cwd=folder,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        **settings,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_parts(process: subprocess.Popen[str], folder: Path, count: int) -> None:
    """Wait until a sweep has so many parts, and is still running."""
    wait_until(lambda: process.poll() is not None or len(parts(folder / "results")) >= count)
    assert process.poll() is None, process.communicate()
    assert len(parts(folder / "results")) < PARTS


def assert_ends_well(process: subprocess.Popen[str], folder: Path, undisturbed: Path) -> None:
    """A sweep ends, says nothing that it need not, and gives what comes out without a cluster, byte for byte."""
    said, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaints
    assert complaints == ""
    assert "3,200 of 3,200 class-years" in said
    assert content(folder / "results") == content(undisturbed / "results")


# --- The same results ----------------------------------------------------------------------------------


def test_a_cluster_gives_what_this_computer_gives_to_the_byte(
    tmp_path: Path, scheduler: Scheduler, start: Start
) -> None:
    address, _process = scheduler
    for _ in range(2):
        worker(start, address)
    home = tmp_path / "home"
    home.mkdir()
    rows = "name,sex\n" + "".join(f"{name},{sex}\n" for name, sex in zip("ABCDEF", "mfmfmf", strict=True))
    (home / "class.csv").write_text(rows, encoding="utf-8")
    (home / "greeting.py").write_text(HOOK, encoding="utf-8")
    write_plan(
        home,
        replications=60,
        uncertainties={"class.problem_behaviour": {"values": [0.0, 1.0]}},
        school={
            "class": {"list": "class.csv"},
            "interventions": [{"name": "morning-greeting", "target": ["A", "B"]}],
        },
    )
    arguments = ("sweep", "plan.toml", "--plugin", "greeting.py", "--out")
    spiraal(home, *arguments, "here")
    spiraal(home, *arguments, "there", "--scheduler", address)
    assert content(home / "there") == content(home / "here")
    assert len(parts(home / "here")) > 2


def test_a_cell_that_fails_is_recorded_on_a_cluster_as_it_is_here(
    tmp_path: Path, scheduler: Scheduler, start: Start
) -> None:
    address, _process = scheduler
    worker(start, address)
    (tmp_path / "fragile.py").write_text(PLUGIN, encoding="utf-8")
    write_plan(tmp_path, school={"interventions": [{"name": "fragile", "target": "highest conflict"}]})
    arguments = ("sweep", "plan.toml", "--plugin", "fragile.py", "--out")
    assert "five is too many" in spiraal(tmp_path, *arguments, "here", code=1)
    assert "five is too many" in spiraal(tmp_path, *arguments, "there", "--scheduler", address, code=1)
    assert content(tmp_path / "there") == content(tmp_path / "here")


# --- Harm --------------------------------------------------------------------------------------------


def test_one_worker_is_killed_in_the_middle_and_one_joins_late(
    folder: Path, tmp_path: Path, scheduler: Scheduler, start: Start
) -> None:
    address, _process = scheduler
    write_plan(tmp_path, **LONG)
    first = worker(start, address)
    with started(tmp_path, address) as process:
        wait_for_parts(process, tmp_path, 3)
        first.kill()
        first.wait()
        left = len(parts(tmp_path / "results"))
        worker(start, address)
        assert_ends_well(process, tmp_path, folder)
    assert left < PARTS


def test_the_client_is_killed_and_goes_on(folder: Path, tmp_path: Path, scheduler: Scheduler, start: Start) -> None:
    address, _process = scheduler
    write_plan(tmp_path, **LONG)
    worker(start, address)
    for count in (2, 9, 20):
        with started(tmp_path, address) as process:
            wait_for_parts(process, tmp_path, count)
            process.kill()
        assert process.wait() == -signal.SIGKILL
    kept = {path: path.stat().st_mtime_ns for path in parts(tmp_path / "results")}
    assert 20 <= len(kept) < PARTS
    with started(tmp_path, address) as process:
        assert_ends_well(process, tmp_path, folder)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_a_client_that_is_asked_to_stop_says_how_far_it_is(
    folder: Path, tmp_path: Path, scheduler: Scheduler, start: Start
) -> None:
    address, _process = scheduler
    write_plan(tmp_path, **LONG)
    worker(start, address)
    with started(tmp_path, address) as process:
        wait_for_parts(process, tmp_path, 2)
        process.send_signal(signal.SIGINT)
        _said, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    done = f"{50 * len(parts(tmp_path / 'results')):,}"
    assert complaints == f"stopped; {done} of 3,200 class-years are done; the same command goes on from there\n"
    with started(tmp_path, address) as process:
        assert_ends_well(process, tmp_path, folder)


def test_when_the_scheduler_goes_the_sweep_goes_on_without_a_cluster(
    folder: Path, tmp_path: Path, scheduler: Scheduler, start: Start
) -> None:
    address, dask = scheduler
    write_plan(tmp_path, **LONG)
    worker(start, address)
    with started(tmp_path, address) as process:
        wait_for_parts(process, tmp_path, 2)
        dask.kill()
        _said, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    expected = "the scheduler is gone; what was finished is kept, and the same command goes on from there"
    assert complaints == f"{address}: {expected}\n"
    spiraal(tmp_path, *SWEEP)
    assert content(tmp_path / "results") == content(folder / "results")


# --- What a user can do wrong --------------------------------------------------------------------------


def refused(folder: Path, address: str) -> str:
    """What a sweep says that cannot be run on a cluster: one message, and soon."""
    write_plan(folder)
    with started(folder, address) as process:
        asked = time.monotonic()
        _said, complaints = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < ANSWER
    assert process.returncode == 2
    assert "Traceback" not in complaints and "distributed" not in complaints
    assert complaints.endswith("\n")
    return complaints


def test_workers_of_another_version_are_named(tmp_path: Path, scheduler: Scheduler, start: Start) -> None:
    address, _process = scheduler
    other = tmp_path / "other"
    shutil.copytree(ROOT / "sim", other / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "sim" / "dynamics.py").open("a", encoding="utf-8") as source:
        source.write("# another version\n")
    worker(start, address, PYTHONPATH=str(other))
    said = refused(tmp_path, address)
    assert said.startswith("tcp://127.0.0.1:") and "has another version of Spiraal (engine " in said
    assert said.count("\n") == 1


def test_workers_without_the_program_are_told_of(tmp_path: Path, scheduler: Scheduler, start: Start) -> None:
    address, _process = scheduler
    other = tmp_path / "other"
    other.mkdir()
    (other / "sim.py").write_text("raise ModuleNotFoundError('No module named sim')", encoding="utf-8")
    worker(start, address, PYTHONPATH=str(other))
    said = refused(tmp_path, address)
    assert "cannot be computed on the cluster: ModuleNotFoundError: No module named sim" in said
    assert "workers need the same version of Spiraal as this computer" in said


def test_only_who_has_a_certificate_takes_part(tmp_path: Path, start: Start) -> None:
    """TLS, as the page about sweeps says it is set up."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    options = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=spiraal", "-keyout", key)
    subprocess.run([openssl, "req", *options, "-out", certificate], check=True, capture_output=True)
    tls = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(certificate)}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        tls[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(certificate)
        tls[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(key)
    port = free_port()
    quietly = ("--no-dashboard", "--dashboard-address", f"{HOST}:0")
    start("scheduler", "--protocol", "tls", "--host", HOST, "--port", port, *quietly, **tls)
    wait_until(lambda: answers(port))
    worker(start, f"tls://{HOST}:{port}", **tls)
    write_plan(tmp_path)
    for address in (f"tls://{HOST}:{port}", f"tcp://{HOST}:{port}"):
        assert "no Dask scheduler answers there" in spiraal(tmp_path, *SWEEP, "--scheduler", address, code=2)
    done = subprocess.run(
        command(*SWEEP, "--scheduler", f"tls://{HOST}:{port}"),
        cwd=tmp_path,
        env=surroundings() | tls,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "24 of 24 class-years" in done.stdout


def test_an_address_where_nothing_listens(tmp_path: Path) -> None:
    address = f"tcp://{HOST}:{free_port()}"
    said = refused(tmp_path, address)
    assert said.startswith(f"--scheduler: found {address}; no Dask scheduler answers there: ")
    assert said.count("\n") == 1
    assert parts(tmp_path / "results") == []


def test_an_address_where_something_else_listens(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        said = refused(tmp_path, f"{HOST}:{silent.getsockname()[1]}")
    assert "no Dask scheduler answers there: nothing within 10 seconds" in said


@pytest.mark.parametrize("address", ["carrier-pigeon://roof", "8786", "tcp://"])
def test_what_is_no_address(tmp_path: Path, address: str) -> None:
    assert refused(tmp_path, address).startswith(f"--scheduler: found {address}; no Dask scheduler answers there: ")


def test_the_address_of_a_worker(tmp_path: Path, scheduler: Scheduler, start: Start) -> None:
    address, _process = scheduler
    port = free_port()
    start("worker", address, "--host", HOST, "--worker-port", port, "--no-nanny", "--local-directory", ".")
    wait_until(lambda: answers(port))
    assert "allowed is a Dask scheduler, and this is a worker" in refused(tmp_path, f"tcp://{HOST}:{port}")


def test_it_is_said_that_no_worker_has_joined(tmp_path: Path, scheduler: Scheduler, start: Start) -> None:
    address, _process = scheduler
    told: list[str] = []

    def tell(message: str) -> None:
        told.append(message)
        worker(start, address)

    computed = on_cluster(prepare(write_plan(tmp_path)), [0], address, tell)
    assert [part for part, _tables in computed] == [0]
    assert told == [f"{address}: no worker has joined yet; waiting for one"]


def test_without_dask_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    program = "import sys; sys.modules['distributed'] = None; from sim.cli import main; main()"
    write_plan(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", program, *SWEEP, "--scheduler", "tcp://127.0.0.1:1"],
        cwd=tmp_path,
        env=surroundings(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == '--scheduler needs Dask: pip install "spiraal[cluster]"\n'


def test_a_part_that_kills_every_worker_is_told_of(tmp_path: Path, scheduler: Scheduler, start: Start) -> None:
    address, _process = scheduler
    plugin = HOOK + "\nimport os\nif os.getcwd().endswith('elsewhere'):\n    os._exit(1)\n"
    (tmp_path / "deadly.py").write_text(plugin, encoding="utf-8")
    sweep = prepare(
        write_plan(tmp_path, school={"interventions": [{"name": "morning-greeting", "target": "highest conflict"}]}),
        [tmp_path / "deadly.py"],
    )
    for _ in range(4):
        worker(start, address)
    with pytest.raises(ClusterError, match="cannot be computed on the cluster: KilledWorker"):
        list(on_cluster(sweep, [0], address))
