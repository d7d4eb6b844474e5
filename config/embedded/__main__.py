"""`python -m config.embedded`: what `manage.py up` does, without loading Django first."""

import argparse
import os

from config.embedded.state import here
from config.embedded.up import main


def options(parser: argparse.ArgumentParser) -> None:
    """The options, with their defaults from the environment."""
    parser.add_argument(
        "--port", type=_port, default=os.environ.get("PORT") or "8000", help="of headquarters"
    )
    parser.add_argument(
        "--host", default=os.environ.get("HOST") or "127.0.0.1", help="0.0.0.0: every interface"
    )
    parser.add_argument(
        "--own", action="store_true", help="an empty company of one's own, not the demo company"
    )


def _port(text: str) -> int:
    if not text.isdecimal():
        raise SystemExit(f"PORT must be a number between 1 and 65533, not {text}.")
    return int(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    options(parser)
    chosen = parser.parse_args()
    raise SystemExit(main(here(), chosen.port, chosen.host, own=chosen.own))
