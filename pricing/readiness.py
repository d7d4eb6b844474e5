"""What a register needs of prices and taxes: a price for its goods, a rate for each kind of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from catalog.models import ItemTaxGroup, Product
from hq.cells import counted
from hq.models import Register
from hq.services.readiness import Gap, check
from pricing.models import ItemTaxGroupCode, SalesTaxGroupCode, StorePriceGroup, TaxRate, TradeAgreement

_REMEMBERED = 60  # seconds: how many goods have no price is counted over the whole catalogue


@check("prices", "Prices", position=60)
def prices(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """Prices in the store's currency, in its price groups or for everybody."""
    groups: dict[int, set[int]] = defaultdict(set)
    for store, group in StorePriceGroup.objects.values_list("store_id", "price_group_id"):
        groups[store].add(group)
    gaps = {}
    known: dict[tuple[str, frozenset[int]], int | None] = {}
    for register in registers:
        currency, own = register.store.currency_id, frozenset(groups[register.store_id])
        if (currency, own) not in known:
            known[currency, own] = _unpriced(currency, own)
        unpriced = known[currency, own]
        list_url = reverse("admin:pricing_tradeagreement_changelist")
        if unpriced is None:
            group_words = "its price groups have" if own else "it has no price group, and there is"
            gaps[register.pk] = Gap(
                f"{register.store.name} has no prices: {group_words} none in {currency}.",
                url=reverse("admin:hq_store_change", args=[register.store_id]) + "#price_groups", action="Add",
            )
        elif unpriced:
            gaps[register.pk] = Gap(
                f"{counted(unpriced, 'product has', 'products have')} no price in {currency} here: the till refuses "
                "to sell them.",
                url=f"{list_url}?currency__code__exact={currency}", action="Prices", is_blocking=False,
            )
    return gaps


def _unpriced(currency: str, groups: frozenset[int]) -> int | None:
    """How many goods on sale have no price there today; None where nothing has one."""
    key = f"readiness:unpriced:{currency}:{'-'.join(map(str, sorted(groups)))}"
    found = cache.get(key)
    if found is None:
        now = timezone.now()
        holding = TradeAgreement.objects.filter(
            Q(price_group=None) | Q(price_group__in=groups), Q(starts_at=None) | Q(starts_at__lte=now),
            Q(ends_at=None) | Q(ends_at__gt=now), currency=currency, customer=None,
        )
        if not holding.exists():
            return None
        asked = Product.objects.filter(is_blocked=False, price_entry=Product.PriceEntry.NONE)
        found = asked.filter(~Exists(holding.filter(product=OuterRef("pk")))).count()
        cache.set(key, found, _REMEMBERED)
    return int(found)


@check("taxes", "Taxes", position=65)
def taxes(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """A tax code with a rate today for every kind of goods, where the store is taxed."""
    today = timezone.localdate()
    sold = ItemTaxGroup.objects.filter(Exists(Product.objects.filter(item_tax_group=OuterRef("pk"), is_blocked=False)))
    item_groups = {group.pk: group for group in sold}
    running = TaxRate.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gt=today),
        tax_code=OuterRef("tax_code"),
    )
    codes: dict[int, set[int]] = defaultdict(set)
    for group, code in SalesTaxGroupCode.objects.filter(Exists(running)).values_list("group_id", "tax_code_id"):
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
