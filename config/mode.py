"""Which settings a process takes when nobody says: an installed system names its database."""

import os


def settings_module() -> str:
    """`prod` when DATABASE_URL is given and embedded mode is not asked for, else `dev` (embedded)."""
    if os.environ.get("EMBEDDED") == "1" or not os.environ.get("DATABASE_URL"):
        return "config.settings.dev"
    return "config.settings.prod"
