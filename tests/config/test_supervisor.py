"""The supervisor, with real child processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.embedded import supervisor as module
from config.embedded.children import Register, started_at
from config.embedded.supervisor import Program, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import time; from signal import *; signal(SIGTERM, SIG_IGN); print('up', flush=True); time.sleep(99)",
]


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    supervisor = Supervisor(tmp_path, lambda name, code, pause: told.append((name, code)))
    await supervisor.start(Program("till", SLEEP))
    first = supervisor.running["till"].process.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.is_alive("till") and supervisor.running["till"].process.pid != first)
    assert told == [("till", -signal.SIGKILL)]
    await supervisor.stop()


async def test_one_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    pauses: list[float] = []
    supervisor = Supervisor(tmp_path, lambda name, code, pause: pauses.append(pause))
    await supervisor.start(Program("broken", [sys.executable, "-c", "raise SystemExit(3)"]))
    await until(lambda: len(pauses) >= 4)
    await supervisor.stop()
    assert pauses[:4] == [0.05, 0.1, 0.2, 0.4]


async def test_stop_ends_the_process_and_what_it_started(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start(Program("shell", ["/bin/sh", "-c", "sleep 600 & echo $!; wait"]))
    log = supervisor.log_of("shell")
    await until(lambda: log.read_text().strip().isdigit())
    grandchild, child = int(log.read_text()), supervisor.running["shell"].process.pid
    await supervisor.stop()
    assert started_at(child) is None
    await until(lambda: started_at(grandchild) is None)
    assert json.loads(supervisor.register.path.read_text()) == {}


async def test_one_that_does_not_listen_is_killed_after_the_grace_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.3)
    supervisor = Supervisor(tmp_path)
    await supervisor.start(Program("stubborn", STUBBORN))
    await until(lambda: "up" in supervisor.log_of("stubborn").read_text())
    pid = supervisor.running["stubborn"].process.pid
    await supervisor.stop()
    assert started_at(pid) is None


async def test_run_hands_on_lines_and_the_code(tmp_path: Path) -> None:
    lines: list[str] = []
    supervisor = Supervisor(tmp_path)
    code = await supervisor.run(
        Program("once", ["/bin/sh", "-c", "echo one; echo two; exit 7"]), lines.append
    )
    assert (lines, code) == (["one", "two"], 7)
    assert supervisor.running == {}


KILLED_PARENT = """
import asyncio, sys
from pathlib import Path
from config.embedded.supervisor import Program, Supervisor

async def main():
    supervisor = Supervisor(Path(sys.argv[1]))
    for name in ("one", "two", "three"):
        await supervisor.start(Program(name, [sys.executable, "-c", "import time; time.sleep(600)"]))
    print("up", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel tells children of a dead parent on Linux only"
)
async def test_a_killed_supervisor_leaves_no_orphans(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED_PARENT, tmp_path], stdout=subprocess.PIPE)
    assert parent.stdout and parent.stdout.readline() == b"up\n"
    children = [int(entry[0]) for entry in json.loads((tmp_path / "processes.json").read_text()).values()]
    assert len(children) == 3 and all(started_at(pid) for pid in children)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    await until(lambda: not any(started_at(pid) for pid in children))


def test_what_a_former_run_left_behind_is_ended(tmp_path: Path) -> None:
    left = subprocess.Popen(SLEEP, start_new_session=True)
    register = Register(tmp_path / "processes.json")
    register.add("till", left.pid, signal.SIGTERM)
    assert Register(tmp_path / "processes.json").stop_leftovers() == ["till"]
    assert left.wait() == -signal.SIGTERM
    assert not (tmp_path / "processes.json").exists()


def test_another_process_that_got_the_number_since_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(SLEEP, start_new_session=True)
    path = tmp_path / "processes.json"
    path.write_text(json.dumps({"till": [other.pid, "an older start", int(signal.SIGTERM)]}))
    assert Register(path).stop_leftovers() == []
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_broken_register_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text('{"till": [1')
    assert Register(tmp_path / "processes.json").stop_leftovers() == []
