"""Secrets, ports and environments of the embedded mode."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from config.embedded.environment import addresses, network_address, process_environment
from config.embedded.services import is_free
from config.embedded.state import State


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    secret = State(tmp_path).secret("headquarters_secret_key")
    assert len(secret) >= 50
    assert State(tmp_path).secret("headquarters_secret_key") == secret
    assert stat.S_IMODE((tmp_path / "secrets" / "headquarters_secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_hands_that_meet_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: State(tmp_path).secret("key"), range(40)))
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


def test_what_one_key_signs_the_other_checks(tmp_path: Path) -> None:
    state = State(tmp_path)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(state.signing_key()))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(state.verify_key()))
    public.verify(private.sign(b"package"), b"package")


def test_ports_are_remembered(tmp_path: Path) -> None:
    ports = State(tmp_path).ports()
    assert State(tmp_path).ports() == ports
    assert ports["postgres"] != ports["valkey"] and all(is_free(port) for port in ports.values())


def test_a_second_terminal_knows_where_the_run_is(tmp_path: Path) -> None:
    assert State(tmp_path).address() == (8000, "127.0.0.1")
    State(tmp_path).remember_address(9000, "0.0.0.0")
    assert State(tmp_path).address() == (9000, "0.0.0.0")


def test_each_role_knows_its_own_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "x")
    state = State(tmp_path)
    hq = process_environment(state, "headquarters", port=8100)
    su = process_environment(state, "scale_unit", port=8100)
    lab = process_environment(state, "lab", port=8100)
    assert hq["DATABASE_URL"].endswith("/headquarters") and su["DATABASE_URL"].endswith("/scale_unit")
    assert "DATABASE_URL" not in lab
    assert len({role["SECRET_KEY"] for role in (hq, su, lab)}) == 3
    assert len({role["REDIS_URL"] for role in (hq, su, lab)}) == 3
    assert "PACKAGE_SIGNING_KEY" in hq and "PACKAGE_SIGNING_KEY" not in su
    assert "SECRET_OF_THE_SHELL" not in hq
    assert su["HEADQUARTERS_URL"] == "http://127.0.0.1:8100"


def test_an_address_can_be_followed_also_when_every_interface_is_served() -> None:
    assert addresses(8000, "0.0.0.0")["scale_unit"] == f"http://{network_address()}:8001"
    assert "0.0.0.0" not in network_address()
    assert addresses(8000, "::1")["headquarters"] == "http://[::1]:8000"
    assert addresses(8000, "192.0.2.7")["lab"] == "http://192.0.2.7:8002"
