"""What a register needs of money, prices and taxes: amounts that can be paid, a price for its goods, a rate for each
kind of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from catalog.models import ItemTaxGroup, Product
from hq.cells import counted, plain
from hq.models import Currency, Register
from hq.services.readiness import Gap, check
from pricing.engine.money import currency as currency_of
from pricing.models import ItemTaxGroupCode, SalesTaxGroupCode, StorePriceGroup, TaxRate, TradeAgreement

_REMEMBERED = 60  # seconds
_MOST_COUNTED = 5


@check("money", "Amounts", position=55)
def money(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """A currency whose decimals are those of ISO 4217, and whose smallest cash is a coin that there is."""
    unusual = {
        one.pk: Gap(words, url=reverse("admin:hq_currency_change", args=[one.pk]), is_blocking=False)
        for one in Currency.objects.all()
        if (words := _unusual(one))
    }
    return {one.pk: unusual[one.store.currency_id] for one in registers if one.store.currency_id in unusual}


def _unusual(one: Currency) -> str:
    usual = currency_of(one.code)
    if one.decimals != usual.decimals:
        own, known = counted(one.decimals, "decimal"), counted(usual.decimals, "decimal")
        return f"{one.code} has {own} here, and {known} elsewhere: amounts are rounded to that."
    if usual.cash_unit is not None and one.cash_unit < usual.cash_unit:
        own, known = plain(one.cash_unit), plain(usual.cash_unit)
        return f"Cash is paid to {own} {one.code} here, and the smallest coin is {known}."
    return ""


@check("prices", "Prices", position=60)
def prices(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """Prices in the store's currency, in its price groups or for everybody; and goods that have none."""
    groups: dict[int, set[int | None]] = defaultdict(lambda: {None})
    for store, group in StorePriceGroup.objects.values_list("store_id", "price_group_id"):
        groups[store].add(group)
    filled = set(_holding().order_by().values_list("currency_id", "price_group_id").distinct())
    unpriced = _Unpriced()
    gaps = {}
    for register in registers:
        currency, own = register.store.currency_id, frozenset(groups[register.store_id])
        if not any((currency, group) in filled for group in own):
            group_words = "its price groups have" if len(own) > 1 else "it has no price group, and there is"
            gaps[register.pk] = Gap(
                f"{register.store.name} has no prices: {group_words} none in {currency}.",
                url=reverse("admin:hq_store_change", args=[register.store_id]) + "#price_groups",
                action="Add",
            )
        elif number := unpriced.count(currency, own):
            gaps[register.pk] = Gap(
                f"{counted(number, 'product has', 'products have')} no price in {currency} here: the till refuses "
                "to sell them.",
                action="Prices",
                is_blocking=False,
                url=f"{reverse('admin:pricing_tradeagreement_changelist')}?currency__code__exact={currency}",
            )
    return gaps


def _holding() -> QuerySet[TradeAgreement]:
    """The prices that hold today for everybody who comes in."""
    now = timezone.now()
    return TradeAgreement.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=now),
        Q(ends_at=None) | Q(ends_at__gt=now),
        customer=None,
    )


class _Unpriced:
    """How many goods on sale have no price in a currency and some price groups.

    It is counted over the whole catalogue and so remembered for a minute; one request counts for a few sets of
    price groups at most, the others wait for the next.
    """

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.left = _MOST_COUNTED

    def count(self, currency: str, groups: frozenset[int | None]) -> int:
        """The number, or 0 where it is not known yet."""
        key = f"readiness:unpriced:{currency}:{'-'.join(sorted(map(str, groups)))}"
        if key not in self.known:
            found = cache.get(key)
            if found is None and self.left:
                self.left -= 1
                found = self._counted(currency, groups)
                cache.set(key, found, _REMEMBERED)
            self.known[key] = found or 0
        return self.known[key]

    @staticmethod
    def _counted(currency: str, groups: frozenset[int | None]) -> int:
        own = Q(price_group=None) | Q(price_group__in=[group for group in groups if group])
        asked = Product.objects.filter(is_blocked=False, price_entry=Product.PriceEntry.NONE)
        prices = _holding().filter(own, currency=currency, product=OuterRef("pk"))
        return asked.filter(~Exists(prices)).count()


@check("taxes", "Taxes", position=65)
def taxes(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """A tax code with a rate today for every kind of goods, where the store is taxed."""
    today = timezone.localdate()
    sold = ItemTaxGroup.objects.filter(
        Exists(Product.objects.filter(item_tax_group=OuterRef("pk"), is_blocked=False))
    )
    item_groups = {group.pk: group for group in sold}
    running = TaxRate.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=today),
        Q(ends_on=None) | Q(ends_on__gt=today),
        tax_code=OuterRef("tax_code"),
    )
    codes: dict[int, set[int]] = defaultdict(set)
    for group, code in SalesTaxGroupCode.objects.filter(Exists(running)).values_list(
        "group_id", "tax_code_id"
    ):
        codes[group].add(code)
    of_item: dict[int, set[int]] = defaultdict(set)
    for group, code in ItemTaxGroupCode.objects.values_list("group_id", "tax_code_id"):
        of_item[group].add(code)
    gaps = {}
    for register in registers:
        here = codes[register.store.sales_tax_group_id]
        missing = [group for pk, group in item_groups.items() if not here & of_item[pk]]
        if missing:
            names = ", ".join(group.name for group in missing[:3]) + (" …" if len(missing) > 3 else "")
            gaps[register.pk] = Gap(
                f"No tax code with a rate today is charged in {register.store.name} on: {names}.",
                url=reverse("admin:hq_salestaxgroup_change", args=[register.store.sales_tax_group_id]),
                action="Add a tax code",
            )
    return gaps
