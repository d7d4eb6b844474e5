"""What a shop's buttons could be: what sells and what no scanner can read, then the shelves one by one."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from catalog.distribution import offered_in
from catalog.models import Barcode, Category, Product
from hq.button_proposals import MOST_ON_A_TAB, ProposedTab
from hq.models import ScreenLayout
from pos.models import SalesLine

LOOK_BACK = timedelta(days=90)
MOST_SHELVES = 7
FAVOURITES = "Favourites"
MOST_PRODUCTS = 5_000  # of a larger catalogue, those that sold


class Seller(NamedTuple):
    """A product with what decides where it stands: how often it was sold, and whether it can be scanned."""

    product: int
    category: int | None
    sold: int
    has_barcode: bool

    @property
    def rank(self) -> tuple[int, bool]:
        return -self.sold, self.has_barcode


def propose(layout: ScreenLayout) -> Iterator[ProposedTab]:
    """Favourites, then a tab for each shelf, those first from which most was sold in the last ninety days.

    A scanner finds what has a barcode: among the favourites, goods without one come first.
    """
    sellers = _sellers([store.pk for store in layout.stores.all()])
    favourites = sorted(sellers, key=lambda seller: (seller.has_barcode, *seller.rank))[:MOST_ON_A_TAB]
    if favourites:
        yield ProposedTab(FAVOURITES, [seller.product for seller in favourites])
    for name, shelf in _shelves(sellers):
        yield ProposedTab(name, [seller.product for seller in sorted(shelf, key=lambda seller: seller.rank)])


def _sellers(stores: list[int]) -> list[Seller]:
    """What these stores offer, in the order of names; without stores, what the company has."""
    products = Product.objects.filter(is_blocked=False)
    lines = SalesLine.objects.filter(
        retail_transaction__concluded_at__gte=timezone.now() - LOOK_BACK,
        quantity__gt=0,
        product__isnull=False,
    )
    if stores:
        products = products.filter(offered_in(stores))
        lines = lines.filter(retail_transaction__store__in=stores)
    sold = dict(lines.values_list("product").annotate(times=Count("pk")))
    rows = list(products.order_by("name", "pk").values_list("pk", "category")[: MOST_PRODUCTS + 1])
    if len(rows) > MOST_PRODUCTS:
        rows = list(products.filter(pk__in=sold).order_by("name", "pk").values_list("pk", "category"))
    with_barcode = set(
        Barcode.objects.filter(product__in=[product for product, _ in rows]).values_list("product", flat=True)
    )
    return [
        Seller(product, category, sold.get(product, 0), product in with_barcode) for product, category in rows
    ]


def _shelves(sellers: Iterable[Seller]) -> Iterator[tuple[str, list[Seller]]]:
    """The goods by category, the best selling first; by that at the top where there are too many for tabs.

    Where everything lies in one category, the favourites are enough.
    """
    categories = Category.objects.in_bulk()
    at_hand = [seller for seller in sellers if seller.category is not None]
    own = {pk: pk for pk in categories}
    for above in (own, _tops(categories)):
        shelves: dict[int, list[Seller]] = {}
        for seller in at_hand:
            shelves.setdefault(above[seller.category], []).append(seller)  # type: ignore[index]
        if len(shelves) <= MOST_SHELVES:
            break
    if len(shelves) < 2:
        return
    times = {pk: sum(seller.sold for seller in shelf) for pk, shelf in shelves.items()}
    order = sorted(shelves, key=lambda pk: (-times[pk], categories[pk].position, categories[pk].name))
    for pk in order[:MOST_SHELVES]:
        yield categories[pk].name[:40], shelves[pk]


def _tops(categories: dict[int, Category]) -> dict[int, int]:
    """The topmost category above each."""
    tops = {}
    for pk in categories:
        top = pk
        while (parent := categories[top].parent_id) is not None:
            top = parent
        tops[pk] = top
    return tops
