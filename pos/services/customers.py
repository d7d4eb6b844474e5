"""Who buys: customers by what a cashier hears or reads, a name, a phone number, an e-mail address, a card."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from channels_app.statements import run_statement
from customers.models import Customer
from customers.services.adding import LEAST_FIGURES, PHONE_SIGNS
from pos.services.searched import has_words, searched

MOST_RESULTS = 30
TELLING_DIGITS = 9  # of a longer one: +44 20 … is dialled as 020 …

_SEARCH = """
WITH sure AS (
    SELECT c.id, 0 AS rank, 1.0::real AS likeness FROM customers_customer c WHERE c.account = %(text)s
    UNION ALL
    SELECT l.customer_id, 0, 1.0 FROM customers_loyaltycard l WHERE l.number = %(text)s AND l.is_active
    UNION ALL
    (SELECT c.id, 1, 1.0 FROM customers_customer c
      WHERE lower(c.account) LIKE lower(%(prefix)s) ORDER BY c.account LIMIT 200)
    UNION ALL
    (SELECT c.id, 2, 1.0 FROM customers_customer c
      WHERE %(digits)s <> '' AND regexp_replace(c.phone, '\\(0\\)|\\D', '', 'g') LIKE %(digits)s LIMIT 200)
    UNION ALL
    (SELECT c.id, 3, 1.0 FROM customers_customer c
      WHERE {words} OR lower(c.email) LIKE lower(%(prefix)s) ORDER BY c.name LIMIT 200)),
near AS (
    SELECT c.id, 4, word_similarity(lower(%(text)s), lower(c.name)) AS likeness FROM customers_customer c
     WHERE lower(%(text)s) <%% lower(c.name) AND NOT EXISTS (SELECT FROM sure)
     ORDER BY likeness DESC LIMIT %(most)s),
best AS (
    SELECT id, min(rank) AS rank, max(likeness) AS likeness
      FROM (SELECT * FROM sure UNION ALL SELECT * FROM near) found GROUP BY id)
SELECT c.account, c.name, c.phone, c.email, coalesce(g.name, ''),
       coalesce((SELECT t.name FROM customers_loyaltycard l JOIN customers_loyaltytier t ON t.id = l.tier_id
                  WHERE l.customer_id = c.id AND l.is_active ORDER BY t.rank DESC LIMIT 1), '')
  FROM best b JOIN customers_customer c ON c.id = b.id LEFT JOIN customers_customergroup g ON g.id = c.group_id
 ORDER BY b.rank, b.likeness DESC, c.name, c.account
 LIMIT %(most)s
"""


class FoundCustomer(msgspec.Struct, frozen=True):
    """A customer with what tells them from others of the same name."""

    account: str
    name: str
    phone: str
    email: str
    group: str
    tier: str  # of the best loyalty card that is in use


def search_customers(text: str, *, most: int = MOST_RESULTS) -> Sequence[FoundCustomer]:
    """Customers by account, loyalty card, e-mail, phone or name, the likeliest first.

    Of a name every word must occur; where nobody is found so, names that are close are. A phone number is found with
    or without the country's code, blanks and signs. Fewer than two letters find nobody.
    """
    text = searched(text)
    if not text:
        return ()
    words, parameters = has_words("c.name", text)
    rows = run_statement(_SEARCH.format(words=words), {"most": most, "digits": _digits(text), **parameters})
    return [FoundCustomer(*row) for row in rows]


def customer_name(account: str) -> str | None:
    """The name of the customer with that account number; None when there is none here."""
    return Customer.objects.filter(account=account).values_list("name", flat=True).first()


def _digits(text: str) -> str:
    """The end of a phone number, as LIKE looks for it; empty when the text is none."""
    if not PHONE_SIGNS.fullmatch(text):
        return ""
    digits = re.sub(r"\(0\)|\D", "", text)[-TELLING_DIGITS:]
    return f"%{digits.lstrip('0')}%" if len(digits) >= LEAST_FIGURES else ""
