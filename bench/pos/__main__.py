"""Benches of the till: `python -m bench.pos`. QUICK=1 gives a rough answer within a minute or so."""

import sys

from bench.report import Report
from bench.services import database


def main() -> int:
    """Run every part on a database of its own; 0 when all goals are met."""
    with database("pos", role="scale_unit") as postgres:
        from bench.pos import browser, concluding, scanning

        report = Report()
        scanning.measure(report, postgres.url("bench"))
        concluding.measure(report, postgres.url("bench"))
        browser.measure(report)
        return report.close()


if __name__ == "__main__":
    sys.exit(main())
