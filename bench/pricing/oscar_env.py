"""An environment of its own for django-oscar, made once under .data/bench."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".data" / "bench" / "oscar"
WANTED = "django-oscar==4.2.1"


def prepare() -> Path:
    """The environment's Python; installs django-oscar when it is not there yet."""
    python = HOME / "bin" / "python"
    marker = HOME / "installed.txt"
    if not marker.exists() or marker.read_text().strip() != WANTED:
        HOME.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", WANTED], check=True)
        marker.write_text(WANTED)
    return python
