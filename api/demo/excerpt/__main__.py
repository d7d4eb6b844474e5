"""Make the demo company's data anew from the original files.

    python -m api.demo.excerpt FOLDER

FOLDER holds online_retail_2010-12_2011-12.csv.gz, products_openfoodfacts.csv.gz, products_names_gtin.csv.gz,
vat_rates_eu.csv.gz, vat_rates_history.csv.gz and currencies.csv.gz. What it writes, beside the hand-made
files of api/demo/data, is the same every time. Sources and licences: DATA-LICENCES.md.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from api.demo.excerpt.gifts import customers, gift_articles
from api.demo.excerpt.groceries import groceries
from api.demo.excerpt.money import currencies, vat_rates

DATA = Path(__file__).resolve().parent.parent / "data"


def main(folder: Path) -> None:
    """Write the excerpt and say what is in it and what was left out."""
    invoices = list(_rows(folder / "online_retail_2010-12_2011-12.csv.gz"))
    gifts, left_out = gift_articles(invoices)
    _write("articles.csv", gifts)
    _write("customers.csv", customers(invoices))
    foods = [*_rows(folder / "products_names_gtin.csv.gz"), *_rows(folder / "products_openfoodfacts.csv.gz")]
    _write("groceries.csv", groceries(foods))
    history = list(_rows(folder / "vat_rates_history.csv.gz"))
    _write("vat_rates.csv", vat_rates(history, _rows(folder / "vat_rates_eu.csv.gz")))
    _write("currencies.csv", currencies(_rows(folder / "currencies.csv.gz")))
    elsewhere = sum(row["department"] == "More gifts" for row in gifts)
    merged = sum(bool(row["also_written"]) for row in gifts)
    print(f"{elsewhere} articles on no particular shelf; {merged} whose code is also written another way.")
    for reason, count in left_out.items():
        print(f"Left out: {count} codes, {reason}.")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _write(name: str, rows: list[dict[str, str]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows.")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Give the folder that holds the original files: python -m api.demo.excerpt FOLDER")
    main(Path(sys.argv[1]))
