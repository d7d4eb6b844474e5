"""Which Chromium the browser tests, the benches and the pictures of the documentation drive."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = (
    "There is no Chromium on this machine, and browser tests are nothing without one: 'make test' installs it where "
    "it may; else run 'apt-get install chromium' as root, or '.venv/bin/playwright install --no-shell chromium' as "
    "anybody, or name one with CHROMIUM=/path/to/chromium."
)


class NoChromium(Exception):
    """There is none; the message says how to get one."""


def chromium() -> str:
    """What CHROMIUM names, else the machine's own, else the one that Playwright has fetched. Raises NoChromium."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None) or _fetched()
    if not found:
        raise NoChromium(f"CHROMIUM={named} is no program." if named else REMEDY)
    return found


def _fetched() -> str | None:
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    programs = sorted(folder.glob("chromium-*/chrome-linux*/chrome"))
    return str(programs[-1]) if programs else None


def launch_options() -> dict[str, object]:
    """How Playwright starts it: also as root, where Chromium's own sandbox cannot be had."""
    return {"executable_path": chromium(), "chromium_sandbox": False}
