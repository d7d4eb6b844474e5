"""What pages ask of prices and offers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from catalog.models import Category, Product
from customers.models import Customer, LoyaltyCard
from hq.models import Store
from pricing.days import next_given
from pricing.goods import Below
from pricing.models import Discount, DiscountLine, TradeAgreement
from pricing.services.discounts import WITHOUT_GOODS

MOST_ARTICLES = 4
MOST_UNITS = Decimal(1000)


def sample_basket(offer: Discount) -> dict[str, list[str]]:
    """A basket that the offer is meant for, as the simulator's parameters.

    Articles and quantities, and what else it takes: store, moment, customer, affiliation, coupon, delivery, payment.
    """
    store = _store_of(offer)
    wanted = _articles(offer, store)
    coupon = offer.coupons.filter(is_active=True).values_list("code", flat=True).first()
    affiliation, customer = _whom(offer, store)
    found = {
        "code": list(wanted),
        "quantity": [f"{many.normalize():f}" for many in wanted.values()],
        "store": [str(store.pk)] if store else [],
        "at": [_moment(offer, store)],
        "coupons": [coupon if offer.coupon_required else None],
        "customer": [customer],
        "affiliation": [affiliation],
        "paid_by": [offer.tenders.values_list("method__code", flat=True).first()],
        "delivery": [offer.delivery_modes.values_list("delivery_mode__code", flat=True).first()],
    }
    return {name: kept for name, said in found.items() if (kept := [one for one in said if one])}


def _store_of(offer: Discount) -> Store | None:
    """A store that may give it: one of its own, in its currency, with one of its price groups where it has any."""
    stores = Store.objects.order_by("name")
    if offer.currency_id:
        stores = stores.filter(currency=offer.currency_id)
    if own := list(offer.stores.values_list("store_id", flat=True)):
        stores = stores.filter(pk__in=own)
    groups = list(offer.price_groups.values_list("price_group_id", flat=True))
    return stores.filter(price_groups__price_group__in=groups).first() or stores.first()


def _whom(offer: Discount, store: Store | None) -> tuple[str | None, str | None]:
    """The affiliation and the customer that it takes: one of its own, or who brings one of its price groups along."""
    customer = offer.customers.values_list("customer__account", flat=True).first()
    groups = offer.price_groups.all()
    if store is not None and groups.filter(price_group__stores__store=store).exists():
        return None, customer
    affiliations = groups.exclude(price_group__affiliations=None)
    affiliation = affiliations.values_list("price_group__affiliations__affiliation__code", flat=True).first()
    return affiliation, customer or (None if affiliation else _customer_of(groups.values("price_group")))


def _customer_of(groups: QuerySet) -> str | None:
    """A customer that has one of these price groups: by itself, by its group or by a loyalty card."""
    cards = LoyaltyCard.objects.filter(is_active=True, tier__price_groups__price_group__in=groups)
    has_one = Q(price_groups__price_group__in=groups) | Q(group__price_groups__price_group__in=groups)
    found = Customer.objects.filter(has_one | Q(pk__in=cards.values("customer"))).order_by("account")
    return found.values_list("account", flat=True).first()


def _moment(offer: Discount, store: Store | None) -> str | None:
    """The next time of day on the store's clock at which it runs; nothing where it runs now."""
    zone = ZoneInfo(store.time_zone) if store else timezone.get_current_timezone()
    now = timezone.now()
    moment = next_given(offer, zone, now)
    if moment is None or moment <= now.astimezone(zone).replace(tzinfo=None):
        return None
    return f"{_on_the_minute(moment):%Y-%m-%dT%H:%M}"


def _on_the_minute(moment: datetime) -> datetime:
    """Not before it: a page asks for minutes."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


def _articles(offer: Discount, store: Store | None) -> dict[str, Decimal]:
    """Numbers of articles and how many of each: enough for a set, or for its lowest tier."""
    groups = {group.code: group.quantity for group in offer.groups.all()}
    least = offer.tiers.order_by("minimum").values_list("minimum", flat=True).first() or Decimal(1)
    lines = list(offer.lines.filter(is_excluded=False).select_related("product", "category").order_by("pk"))
    if offer.kind in WITHOUT_GOODS:
        lines = [DiscountLine(discount=offer)]
    below = Below(Category.objects.values_list("pk", "parent_id"))
    wanted: dict[str, Decimal] = {}
    for line in lines:
        for product in _goods(line, below, store):
            many = Decimal(groups.get(line.group, 1))
            if offer.kind == Discount.Kind.QUANTITY:
                many = least
            elif offer.kind in (Discount.Kind.THRESHOLD, *WITHOUT_GOODS):
                many = _enough(product, least, store)
            if len(wanted) < MOST_ARTICLES:
                wanted.setdefault(product.number, many)
    return wanted


def _enough(product: Product, amount: Decimal, store: Store | None) -> Decimal:
    """So many of it that they cost the amount; one where its price is not known."""
    price = _prices(product, store).order_by("amount").values_list("amount", flat=True).first()
    many = (amount / price).to_integral_value(ROUND_CEILING) if price else Decimal(1)
    return min(max(many, Decimal(1)), MOST_UNITS)


def _prices(product: Product, store: Store | None) -> QuerySet[TradeAgreement]:
    own = Q(price_group=None) | Q(price_group__stores__store=store)
    currency = store.currency_id if store else None
    return TradeAgreement.objects.filter(own, product=product, currency=currency, variant=None, customer=None)


def _goods(line: DiscountLine, below: Below, store: Store | None) -> Iterator[Product]:
    """An article that the line is on, one with a price in the store if there is any."""
    if line.product is not None:
        yield line.product
        return
    products = Product.objects.filter(is_blocked=False).order_by("pk")
    if line.attribute:
        said = products.alias(said=KeyTextTransform(line.attribute, "attributes"))
        products = said.filter(said=line.attribute_value)
    if line.category is not None:
        products = products.filter(category__in=below.of(line.category_id))
    priced = products.filter(prices__currency=store.currency_id if store else None)
    found = priced.first() or products.first()
    if found is not None:
        yield found
