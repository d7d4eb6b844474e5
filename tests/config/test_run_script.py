"""./run: what it says when it cannot go on, and what it leaves behind."""

import ast
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from config.embedded.state import ROOT
from config.embedded.up import only_one


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_script", loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


def test_an_old_python_can_read_it() -> None:
    ast.parse((ROOT / "run").read_text(), feature_version=(3, 6))


def test_a_python_that_is_too_old_is_one_sentence(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "OLDEST", (99, 1))
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        run.use_new_enough_python()
    said = capsys.readouterr().err.strip()
    assert ended.value.code == 1
    assert said.startswith("Tillhouse needs Python 99.1 or newer, and this is Python 3.")
    assert "\n" not in said


def test_a_newer_python_beside_an_old_one_is_taken(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(run.shutil, "which", lambda name: sys.executable if name == "python3.12" else None)
    monkeypatch.setattr(run.os, "execv", lambda program, words: taken.append(program) or sys.exit(0))
    with pytest.raises(SystemExit):
        run.use_new_enough_python()
    assert taken == [sys.executable]


@pytest.mark.system
def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    for name in ("run", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    said = subprocess.run(
        [sys.executable, tmp_path / "run", "setup"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **nowhere},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert said.stderr.strip().splitlines() == [
        "The packages could not be fetched: no network to the package index. Connect, then run again."
    ]


def test_reset_forgets_all_also_what_is_outside(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outside, data = tmp_path / "outside", tmp_path / "data"
    (outside / "postgres").mkdir(parents=True)
    (data / "test" / "0").mkdir(parents=True)
    (data / "test" / "0" / "outside").symlink_to(outside)
    monkeypatch.setenv("TILLHOUSE_DATA", str(data))
    run.reset()
    assert not data.exists() and not outside.exists()


def test_reset_does_not_pull_the_floor_away(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TILLHOUSE_DATA", str(tmp_path))
    with only_one(tmp_path / "lock"), pytest.raises(SystemExit):
        run.reset()
    assert "stop it with Ctrl-C first" in capsys.readouterr().err
    assert tmp_path.exists()


def test_an_unknown_word_is_named(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["fly"])
    assert "There is no './run fly'" in capsys.readouterr().err
