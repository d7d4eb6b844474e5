"""``--check``: each device's state and the remedy, for the person who stands in front of it."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from hardware.agent.config import StateFolder
from hardware.agent.discovery import plain_address
from hardware.agent.drivers.base import DeviceError, Health
from hardware.agent.patient_journal import is_held
from hardware.agent.protocol import Device, Profile
from hardware.agent.station import HardwareStation
from hardware.agent.worker import drawer_health

IS_RUNNING = "  The station is running: what is in use is its own. Stop it to look at that, too."
TRIAL_BYTES = 65_536
LOCKS = Path("/proc/locks")
IN_USE = "The running station holds its line; headquarters shows how it is."


def check_devices(folder: StateFolder, lab: str) -> int:
    """Print one line per device of every profile kept here; the exit code counts those that do not work."""
    profiles = [
        (path, profile)
        for path in [folder.path, *sorted(folder.path.glob("*"))]
        if (path / "profile.json").exists() and (profile := StateFolder(path).profile()) is not None
    ]
    if not profiles:
        print("No profile yet: pair the station and let it connect once.")
        return 1
    broken = 0
    for path, profile in profiles:
        print(f"{profile.station} ({len(profile.devices)} devices)")
        if runs := is_running(path):
            print(IS_RUNNING)
        if words := folder_trouble(path):
            print(f"  {'the disk':<24} {'stopped':<10} {words}")
            broken += 1
        broken += _check(profile, lab.rstrip("/"), path if runs else None)
    return min(broken, 100)


def is_running(path: Path) -> bool:
    """Whether another process serves the station of this folder: it holds the journal."""
    if not (path / "journal.sqlite3").exists():
        return False
    try:
        with closing(sqlite3.connect(path / "journal.sqlite3", timeout=0)) as journal:
            journal.execute("SELECT 1 FROM journal").fetchone()
    except sqlite3.Error as error:
        return is_held(error)
    return False


def folder_trouble(path: Path) -> str:
    """Why the station could not write into its folder, or nothing."""
    trial = path / f".trial.{os.getpid()}"
    try:
        trial.write_bytes(bytes(TRIAL_BYTES))
    except OSError as error:
        return f"{path} cannot be written ({error.strerror}). Make room or make it writable: nothing prints meanwhile."
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)
    return ""


def lock_holders(path: Path) -> set[int]:
    """The processes that hold a lock on a file or line; empty where the system does not say. Source: proc(5)."""
    try:
        about, lines = path.stat(), LOCKS.read_text().splitlines()
    except OSError:
        return set()
    name = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}:{about.st_ino}"
    return {int(words[-4]) for line in lines if (words := line.split())[-3] == name}


def _check(profile: Profile, lab: str, running: Path | None) -> int:
    station = HardwareStation.__new__(HardwareStation)  # without a journal: another process may hold it
    station.profile, station.lab = profile, lab
    broken, found = 0, {}
    for device in sorted(profile.devices, key=lambda device: device.address.startswith("printer:")):
        if device.address.startswith("printer:"):
            printer = station._printer_of(device)
            health = (
                found[printer.id]
                if printer
                else Health("absent", "Its printer is not in this profile. Correct its address.")
            )
            health = drawer_health(device, health) if printer and health else health
        else:
            health = found[device.id] = _health(station, device, running)
        state, words = (health.state, health.words) if health else ("in use", IN_USE)
        broken += state not in ("ready", "attention", "in use")
        print(f"  {device.id:<24} {state:<10} {words}")
    return broken


def _health(station: HardwareStation, device: Device, running: Path | None) -> Health | None:
    """How a device is; None where the station that runs in this folder alone can say."""
    try:
        driver = station.build(device)
        health = driver.status()
        driver.close()
    except DeviceError as error:
        health = getattr(error, "health", None) or Health("absent", str(error))
    return None if running and health.flags.get("in_use") and not _is_anothers(device, running) else health


def _is_anothers(device: Device, running: Path) -> bool:
    """Whether the line is certainly held by another program than the one that holds the journal."""
    stations = lock_holders(running / "journal.sqlite3")
    holders = lock_holders(Path(plain_address(device.address)))
    return bool(stations and holders) and stations.isdisjoint(holders)
