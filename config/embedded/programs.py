"""The processes of the embedded mode."""

import sys
from pathlib import Path

from config.embedded.environment import addresses, process_environment
from config.embedded.state import ROOT, State
from config.embedded.supervisor import Program

WEB_OFFSET = {"headquarters": 0, "scale_unit": 1, "lab": 2}


def programs(state: State, port: int, host: str) -> list[Program]:
    """Every process beside the database and Redis, in the order in which they are wanted."""
    environments = {role: process_environment(state, role, port=port, host=host) for role in WEB_OFFSET}
    roles = ("headquarters", "scale_unit")

    def served(role: str) -> Program:
        return web(f"{role}-web", environments[role], host, port + WEB_OFFSET[role])

    for role in roles:
        (state.folder / role).mkdir(parents=True, exist_ok=True)
    company = [
        *(served(role) for role in roles),
        *(worker(f"{role}-worker", environments[role], role) for role in roles),
        *(beat(f"{role}-beat", environments[role]) for role in roles),
    ]
    if state.is_own:  # its stations are real ones
        return company
    return [*company, served("lab"), _station(state, environments["lab"], addresses(port, host))]


def web(name: str, environment: dict[str, str], host: str, port: int) -> Program:
    """A web server on a port."""
    listen = ["--host", host, "--port", str(port)]
    quiet = ["--no-access-log", "--no-server-header", "--lifespan", "off"]
    stop = ["--timeout-graceful-shutdown", "5"]
    return _program(name, environment, "uvicorn", "config.asgi:application", *listen, *quiet, *stop)


def worker(name: str, environment: dict[str, str], host: str) -> Program:
    """A Celery worker; `host` tells it from others."""
    arguments = [
        "--pool",
        "threads",
        "--without-mingle",
        "--without-gossip",
        "--hostname",
        f"{host}@tillhouse",
    ]
    return _program(name, environment, "celery", "-A", "config.celery", "-q", "worker", *arguments)


def beat(name: str, environment: dict[str, str]) -> Program:
    """What sends the recurring tasks."""
    arguments = ["--pidfile", "", "--max-interval", "5"]
    return _program(name, environment, "celery", "-A", "config.celery", "-q", "beat", *arguments)


def _station(state: State, environment: dict[str, str], address: dict[str, str]) -> Program:
    where = ["--server", address["scale_unit"], "--lab", address["lab"]]
    return _program("station", environment, "hardware.agent", *where, *station_files(state))


def _program(name: str, environment: dict[str, str], *command: str) -> Program:
    return Program(name, [sys.executable, "-m", *command], {"cwd": ROOT, "env": environment})


def station_files(state: State) -> list[str]:
    """Where the agent keeps what it knows, and where it finds the codes to be paired with."""
    return ["--state", str(state.folder / "station"), "--pair-file", str(station_codes(state))]


def station_codes(state: State) -> Path:
    """The pairing codes of the emulated stations, one per line."""
    return state.folder / "station" / "codes"


def once(state: State, role: str, name: str, *command: str, port: int, host: str) -> Program:
    """One management command of `role`, as a program that ends."""
    return Program(
        name,
        [sys.executable, "manage.py", *command],
        {"cwd": ROOT, "env": process_environment(state, role, port=port, host=host)},
    )
