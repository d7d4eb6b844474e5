"""The gift shop's articles, out of a year of its invoices (Online Retail, UCI)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from api.demo.excerpt.departments import shelf_for
from api.demo.excerpt.wording import is_product_text, readable

# What the file books under a stock code without being an article. A price is given where the shop has a fixed
# one; where there is none the cashier keys it in. Tax classes are those of vat_goods.csv.
SERVICES: dict[str, tuple[str, str, str]] = {
    "POST": ("Postage", "", "GENERAL"),
    "DOT": ("Postage, web order", "", "GENERAL"),
    "C2": ("Carriage", "", "GENERAL"),
    "23444": ("Next day carriage", "15.00", "GENERAL"),
    "23574": ("Packing charge", "", "GENERAL"),
    "23702": ("High resolution image", "3.00", "GENERAL"),
    "M": ("Manual entry", "", "GENERAL"),
    "D": ("Goodwill discount", "", "GENERAL"),
    "S": ("Samples", "", "GENERAL"),
    "PADS": ("Pads to match all cushions", "", "GENERAL"),
    "BANK CHARGES": ("Bank charges", "", "EXEMPT"),
    "AMAZONFEE": ("Marketplace fee", "", "EXEMPT"),
    "CRUK": ("Charity commission", "", "EXEMPT"),
    "GIFT_0001_10": ("Gift voucher £10", "10.00", "VOUCHER"),
    "GIFT_0001_20": ("Gift voucher £20", "20.00", "VOUCHER"),
    "GIFT_0001_30": ("Gift voucher £30", "30.00", "VOUCHER"),
    "GIFT_0001_40": ("Gift voucher £40", "40.00", "VOUCHER"),
    "GIFT_0001_50": ("Gift voucher £50", "50.00", "VOUCHER"),
    "22016": ("Gift voucher £100", "100.00", "VOUCHER"),
}
# Countries as the file writes them. "Channel Islands", "European Community" and "Unspecified" name none.
COUNTRIES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE", "Finland": "FI",
    "France": "FR", "Germany": "DE", "Greece": "GR", "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL",
    "Italy": "IT", "Japan": "JP", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT", "Netherlands": "NL",
    "Norway": "NO", "Poland": "PL", "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA",
    "Singapore": "SG", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "USA": "US",
    "United Arab Emirates": "AE", "United Kingdom": "GB",
}  # fmt: skip
# Entries of the ledger that were never for sale.
NOT_SOLD = {"B"}


@dataclass
class _Seen:
    """What the invoices say of one article."""

    written: set[str] = field(default_factory=set)
    texts: Counter[str] = field(default_factory=Counter)
    prices: Counter[Decimal] = field(default_factory=Counter)
    invoices: set[str] = field(default_factory=set)
    units: int = 0
    given_away: int = 0


def article_number(code: str) -> str:
    """The article that a stock code names: its capitals.

    The one rule for codes that differ only in case: they are the same article. All 112 pairs in the file name
    the same goods (85123a is 85123A as the web shop keyed it), and a till finds either.
    """
    return code.strip().upper()


def gift_articles(lines: Iterable[Mapping[str, str]]) -> tuple[list[dict[str, str]], Counter[str]]:
    """Return the articles to sell, by number, and how many codes were left out for which reason.

    The name is the text most often written beside a positive price, made readable; the price is the most
    frequent positive unit price (the lower of two equally frequent ones), in pounds; `units` is what was sold
    less what came back, `given_away` how often a customer got it for nothing.
    """
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for line in lines:
        article = seen[article_number(line["stock_code"])]
        article.written.add(line["stock_code"])
        price = Decimal(line["unit_price"])
        if price > 0:
            article.texts[line["description"].strip()] += 1
            article.prices[price] += 1
            article.invoices.add(line["invoice_no"])
            article.units += int(line["quantity"])
        elif int(line["quantity"]) > 0 and line["customer_id"]:
            article.given_away += 1
    rows, left_out = [], Counter[str]()
    for number, article in sorted(seen.items()):
        if number in NOT_SOLD:
            left_out["entry of the ledger"] += 1
        elif not article.prices:
            left_out["never sold at a price"] += 1
        else:
            rows.append(_row(number, article))
    return rows, left_out


def customers(lines: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the customers by number, with the country of their first invoice. The source holds no names."""
    countries: dict[str, str] = {}
    for line in lines:
        if line["customer_id"]:
            countries.setdefault(line["customer_id"], COUNTRIES.get(line["country"], ""))
    return [{"account": account, "country": country} for account, country in sorted(countries.items())]


def _row(number: str, article: _Seen) -> dict[str, str]:
    if number in SERVICES:
        name, price, tax_class = SERVICES[number]
        department = "Services"
        category = "Gift vouchers" if tax_class == "VOUCHER" else "Charges & services"
    else:
        text = _name(article.texts)
        name, price, tax_class = readable(text), str(_usual_price(article.prices)), "GENERAL"
        department, category = shelf_for(text)
        if category == "Children's clothing":
            tax_class = "CHILDREN_CLOTHING"
    return {
        "number": number,
        "name": name,
        "department": department,
        "category": category,
        "tax_class": tax_class,
        "price": price,
        "units": str(article.units),
        "invoices": str(len(article.invoices)),
        "given_away": str(article.given_away),
        "also_written": " ".join(sorted(article.written - {number})),
    }


def _name(texts: Counter[str]) -> str:
    names = Counter({text: count for text, count in texts.items() if is_product_text(text)})
    return min((names or texts).items(), key=lambda item: (-item[1], item[0]))[0]


def _usual_price(prices: Counter[Decimal]) -> Decimal:
    return min(prices.items(), key=lambda item: (-item[1], item[0]))[0]
