"""``--check``: each device's state and the remedy, for the person who stands in front of it."""

from hardware.agent.config import StateFolder
from hardware.agent.drivers.base import DeviceError
from hardware.agent.protocol import Profile
from hardware.agent.station import HardwareStation


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
        broken += _check(profile, lab.rstrip("/"), path)
    return min(broken, 100)


def _check(profile: Profile, lab: str, path) -> int:
    broken = 0
    station = HardwareStation.__new__(HardwareStation)  # without a journal: another process may hold it
    station.profile, station.lab = profile, lab
    for device in profile.devices:
        if device.address.startswith("printer:"):
            continue
        try:
            driver = station.build(device)
            health = driver.status()
            driver.close()
            state, words = health.state, health.words
        except DeviceError as error:
            state, words = "absent", str(error)
        broken += state not in ("ready", "attention")
        print(f"  {device.id:<24} {state:<10} {words}")
    return broken
