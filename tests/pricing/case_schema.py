"""The keys that a case may have (SCHEMA.md of the case folder), so that one that nobody reads does not pass unseen."""

from collections.abc import Iterator, Mapping
from typing import Any


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


CASE = _keys("""
    id topic family title source fidelity operation currency settings lines discounts taxes charges tenders input
    expected derived derivation inputs_ours tolerance note file
""")
SETTINGS = _keys("""
    concurrency_model compound_behavior money_rounding percent_rounding_scope method_order one_discount_per_unit
    exclusive_threshold_competes least_expensive_distribute hold_together_for_rounding smallest_amount allocation
    manual_vs_system manual_total_covers_charges order_level_discounts apply_discounts_to_price_overrides
    quantity_limit_scope find_next prorate_to_matching_lines header_delivery_mode earn_with_redeem offers_include_tax
    prices_include_tax tax_engine tax_rounding cash_rounding layout region price_groups
""")
# Charges are not here: cases describe them in words of their documents.
ROWS = {
    "lines": _keys("""
        line product price qty unit category master delivery_mode gift_wrap price_override discount_base_amount
        prevent_all_discounts prevent_manual_discounts prevent_retail_discounts prevent_tender_discounts taxes
    """),
    "discounts": _keys("""
        id type method value concurrency priority scope tiers line_groups least_expensive multiple_occurrences
        quantity_limit threshold_amount threshold_inclusive count_non_discountable exclude discount_lines unit currency
        price_groups match_all_price_groups coupon_required coupon_codes max_discount_amount cap_includes_tax basis
        tender min_qty
    """),
    "taxes": _keys("""
        id kind rate price_included affects_next_base base_affected_by_previous applies_to basis calculate_before
        intervals method marginal_base of
    """),
    "tenders": frozenset({"type", "amount"}),
}  # fmt: skip


def unknown_keys(case: Mapping[str, Any]) -> Iterator[str]:
    """Where a case has a key that the schema does not know, such as discounts[0].vaule."""
    yield from _unknown("", case, CASE)
    yield from _unknown("settings.", case.get("settings") or {}, SETTINGS)
    for name, known in ROWS.items():
        for place, row in enumerate(case.get(name) or ()):
            yield from _unknown(f"{name}[{place}].", row, known)


def _unknown(where: str, given: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    return (f"{where}{key}" for key in given if key not in known)
