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
    python = sys.executable

    def program(name: str, role: str, *command: str) -> Program:
        return Program(name, [python, "-m", *command], {"cwd": ROOT, "env": environments[role]})

    def web(role: str) -> Program:
        listen = ["--host", host, "--port", str(port + WEB_OFFSET[role])]
        quiet = ["--no-access-log", "--no-server-header", "--lifespan", "off"]
        stop = ["--timeout-graceful-shutdown", "5"]
        return program(f"{role}-web", role, "uvicorn", "config.asgi:application", *listen, *quiet, *stop)

    def worker(role: str) -> Program:
        arguments = [
            "--pool",
            "threads",
            "--without-mingle",
            "--without-gossip",
            "--hostname",
            f"{role}@tillhouse",
        ]
        return program(f"{role}-worker", role, "celery", "-A", "config.celery", "-q", "worker", *arguments)

    def beat(role: str) -> Program:
        folder = state.folder / role
        folder.mkdir(parents=True, exist_ok=True)
        return program(
            f"{role}-beat",
            role,
            "celery",
            "-A",
            "config.celery",
            "-q",
            "beat",
            "--pidfile",
            "",
            "--max-interval",
            "5",
        )

    def station() -> Program:
        address = addresses(port, host)
        where = ["--server", address["scale_unit"], "--lab", address["lab"]]
        return program("station", "lab", "hardware.agent", *where, *station_files(state))

    return [
        web("headquarters"),
        web("scale_unit"),
        *(worker(role) for role in ("headquarters", "scale_unit")),
        *(beat(role) for role in ("headquarters", "scale_unit")),
        web("lab"),
        station(),
    ]


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
