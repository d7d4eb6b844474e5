"""What a station's standing means, in the words of lists, pages and the home page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hardware.models import StationReport
from hardware.services.reports import is_old
from hardware.standing import WORKING, DeviceStanding, Standing
from hq.cells import counted, spoken_age
from hq.panels import Tone

SHORT_ABSENCE = timedelta(seconds=30)  # a restart takes less, and nobody needs to hear of it
WAITS_TOO_LONG = timedelta(minutes=2)
DEVICE_TONES = {
    "ready": Tone.GOOD, "attention": Tone.ASKS, "stopped": Tone.WRONG, "silent": Tone.WRONG, "absent": Tone.WRONG,
}  # fmt: skip
DEVICE_WORDS = {
    "ready": "Ready", "attention": "Ready", "stopped": "Stopped", "silent": "Silent", "absent": "Not there",
}  # fmt: skip


@dataclass(frozen=True)
class Alert:
    """One thing that is the matter (or well): how much it asks for, a word or two, and a sentence with the remedy."""

    tone: Tone
    word: str
    sentence: str = ""


def state_of(report: StationReport | None, standing: Standing | None, now: datetime) -> Alert:
    """The station in one word: the worst that is the matter with it, or that it is connected."""
    if report is None or standing is None:
        return Alert(Tone.CALM, "Not heard of", "Its scale unit has told nothing of it yet.")
    if is_old(report, now):
        age = spoken_age(report.heard_at, now)
        return Alert(Tone.ASKS, "No news", f"Its scale unit has told nothing since {age}.")
    found = alerts(standing, now)
    return found[0] if found else Alert(Tone.GOOD, "Connected")


def alerts(standing: Standing, now: datetime) -> list[Alert]:
    """What somebody should do something about, the worst first."""
    if not standing.connected:
        return [_absence(standing, now)]
    found = [Alert(Tone.WRONG, "Does not print", standing.trouble)] if standing.trouble else []
    if standing.warning:
        found.append(Alert(Tone.ASKS, "Look at it", standing.warning))
    found += [_device_alert(device) for device in standing.devices if device.needs_somebody]
    found += [_contest(device) for device in standing.devices if device.is_contested]
    if papers := standing.unknown - standing.unknown_payments:
        words = f"Nobody knows whether {counted(papers, 'job')} came out. "
        words += "Look at the paper, then print a copy at the till."
        found.append(Alert(Tone.ASKS, "Outcome unknown", words))
    if standing.unknown_payments:
        words = f"The terminal has not said whether {counted(standing.unknown_payments, 'card payment')} went through. "
        words += "Where the till asks, a manager looks into the terminal's journal and decides there."
        found.append(Alert(Tone.ASKS, "Card payment unknown", words))
    if standing.oldest_waiting_at and now - standing.oldest_waiting_at > WAITS_TOO_LONG:
        age = spoken_age(standing.oldest_waiting_at, now)
        found.append(
            Alert(Tone.ASKS, "Jobs wait", f"{counted(standing.waiting, 'job')} not done, the oldest {age}.")
        )
    return sorted(found, key=lambda alert: -alert.tone)


def _absence(standing: Standing, now: datetime) -> Alert:
    if standing.paired_at is None:
        return Alert(Tone.ASKS, "Not paired", "Make a pairing code and start the agent with it.")
    seen_at = standing.seen_at or standing.paired_at
    waiting = f" {counted(standing.waiting, 'job waits', 'jobs wait')} for it." if standing.waiting else ""
    if now - seen_at < SHORT_ABSENCE:
        return Alert(Tone.CALM, "Coming back", f"It was there {spoken_age(seen_at, now)}.{waiting}")
    return Alert(
        Tone.WRONG,
        "Away",
        f"Last seen {spoken_age(seen_at, now)}.{waiting} Check that its computer is on and in the network.",
    )


def _contest(device: DeviceStanding) -> Alert:
    """Two terminals' stations would take each other's payments for their own; a scan or weight goes to either one."""
    return Alert(
        Tone.ASKS,
        f"{device.title}: used twice",
        f"{device.also} drives the same device ({device.address}), and either takes what is meant for the other. "
        "Name it in the hardware profile of one station only.",
    )


def _device_alert(device: DeviceStanding) -> Alert:
    where = f" of register {device.register}" if device.register else ""
    word = f"{device.title}: {DEVICE_WORDS.get(device.state, 'look').lower()}"  # not the station itself
    if device.flags.get("paper") is False and device.state == "stopped":
        word = "Paper out"
    if device.state in WORKING:
        word = "Paper low"
    return Alert(DEVICE_TONES.get(device.state, Tone.ASKS), word, f"{device.title}{where}: {device.words}")
