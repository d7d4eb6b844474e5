"""The station as a package of its own: what `pipx install` gives, and that it needs nothing of the project."""

import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from django.test import Client

from hardware.agent_package import PACKAGE_PATH, agent_package

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "hardware" / "agent"
EVERYTHING = """
import importlib, pkgutil, sys
for name in ("django", "channels", "celery", "rest_framework"):
    sys.modules[name] = None  # an import of it fails
import hardware.agent
assert hardware.agent.__path__[0].startswith(sys.argv[1]), hardware.agent.__path__
for module in pkgutil.walk_packages(hardware.agent.__path__, "hardware.agent."):
    importlib.import_module(module.name)
    print(module.name)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's files as an installer puts them that has got it from the server."""
    source, target = tmp_path_factory.mktemp("source") / "station.zip", tmp_path_factory.mktemp("installed")
    source.write_bytes(agent_package())
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--python", sys.executable, "--target", target, source], check=True, cwd=ROOT)
    return target


def run(installed: Path, *arguments: str) -> str:
    libraries = f"{installed}{os.pathsep}{sysconfig.get_path('purelib')}"
    environment = {"PATH": os.environ["PATH"], "HOME": str(installed), "PYTHONPATH": libraries}
    return subprocess.run(
        [sys.executable, "-S", *arguments],  # without the path file by which the project itself is found
        cwd=installed,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def test_its_command_starts_and_says_its_version(installed: Path) -> None:
    version = tomllib.loads((AGENT / "pyproject.toml").read_text())["project"]["version"]
    assert run(installed, "bin/tillhouse-station", "--version").strip() == f"tillhouse-station {version}"


def test_every_module_is_in_it_and_imports_without_the_project(installed: Path) -> None:
    there = set(run(installed, "-c", EVERYTHING, str(installed)).split())
    assert there == {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in AGENT.rglob("*.py")
        if "build" not in path.parts
    } - {"hardware.agent"}


def test_it_asks_for_no_more_than_the_project_has_locked(installed: Path) -> None:
    wanted = tomllib.loads((AGENT / "pyproject.toml").read_text())["project"]["dependencies"]
    locked = {line.partition("==")[0] for line in (ROOT / "requirements.in").read_text().splitlines()}
    assert {name.partition(">")[0] for name in wanted} <= locked


def test_the_server_that_a_station_dials_gives_it_to_anybody(scale_unit: None) -> None:
    answer = Client().get(PACKAGE_PATH)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer.content == agent_package() and b"__pycache__" not in answer.content
    assert Client().post(PACKAGE_PATH).status_code == 405
