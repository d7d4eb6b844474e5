"""Benches of channel data exchange: `python -m bench.distribution`. QUICK=1 gives a rough answer in about a minute."""

import sys

from bench.report import Report
from bench.services import database


def main() -> int:
    """Run every part on databases of its own; 0 when all goals are met."""
    with database("distribution", role="headquarters") as postgres:
        from bench.distribution import applying, arriving, building, joining, spreading
        from bench.distribution.company import make_company
        from bench.distribution.sides import two_sides

        report = Report()
        with two_sides(postgres) as sides:
            company = make_company()
            building.measure(report, company)
            applying.measure(report, company, sides)
            arriving.measure(report, company, sides)
            spreading.measure(report, company, sides)
            joining.measure(report, company)
            building.measure_growth(report, company)
        return report.close()


def build_alone(database: str) -> None:
    """One build in this process, on the servers of the one that started it."""
    import django

    django.setup()
    from bench.distribution import building

    building.build_alone(database)


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        build_alone(sys.argv[2])
    else:
        sys.exit(main())
