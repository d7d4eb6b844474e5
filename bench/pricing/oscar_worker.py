"""Runs django-oscar's own offer code on baskets that come over a pipe; started in an environment of its own.

Two degrees of kindness. "cached" keeps in memory what its code asks for: goods, prices, lines, which goods a range
holds, the offers in the order of their priority. Its own code runs as it is shipped, on SQLite in memory; for each
application it makes a condition and a benefit anew, and these read their range. "everything" spares it that too: the
conditions and benefits stand ready. What is timed is `Applicator.apply_offers` on a basket whose lines stand ready.

Messages are lines of JSON: a workload to be loaded, then slices to be run, each answered with its number of baskets
and CPU seconds.
"""

import json
import sys
import time
from decimal import Decimal

GOODS = {}  # by range: the ids of its goods


def configure():
    import django
    from django.conf import settings
    from django.core.management import call_command
    from oscar import defaults

    apps = [
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
        "django.contrib.sites", "django.contrib.flatpages", "django.contrib.staticfiles", "django.contrib.admin",
        "oscar.config.Shop", "oscar.apps.analytics.apps.AnalyticsConfig", "oscar.apps.checkout.apps.CheckoutConfig",
        "oscar.apps.address.apps.AddressConfig", "oscar.apps.shipping.apps.ShippingConfig",
        "oscar.apps.catalogue.apps.CatalogueConfig", "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
        "oscar.apps.communication.apps.CommunicationConfig", "oscar.apps.partner.apps.PartnerConfig",
        "oscar.apps.basket.apps.BasketConfig", "oscar.apps.payment.apps.PaymentConfig",
        "oscar.apps.offer.apps.OfferConfig", "oscar.apps.order.apps.OrderConfig",
        "oscar.apps.customer.apps.CustomerConfig", "oscar.apps.search.apps.SearchConfig",
        "oscar.apps.voucher.apps.VoucherConfig", "oscar.apps.wishlists.apps.WishlistsConfig",
        "oscar.apps.dashboard.apps.DashboardConfig", "oscar.apps.dashboard.reports.apps.ReportsDashboardConfig",
        "oscar.apps.dashboard.users.apps.UsersDashboardConfig",
        "oscar.apps.dashboard.orders.apps.OrdersDashboardConfig",
        "oscar.apps.dashboard.catalogue.apps.CatalogueDashboardConfig",
        "oscar.apps.dashboard.offers.apps.OffersDashboardConfig",
        "oscar.apps.dashboard.partners.apps.PartnersDashboardConfig",
        "oscar.apps.dashboard.pages.apps.PagesDashboardConfig",
        "oscar.apps.dashboard.ranges.apps.RangesDashboardConfig",
        "oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig",
        "oscar.apps.dashboard.vouchers.apps.VouchersDashboardConfig",
        "oscar.apps.dashboard.communications.apps.CommunicationsDashboardConfig",
        "oscar.apps.dashboard.shipping.apps.ShippingDashboardConfig",
        "widget_tweaks", "haystack", "treebeard", "django_tables2",
    ]  # fmt: skip
    settings.configure(
        **{name: getattr(defaults, name) for name in dir(defaults) if name.startswith("OSCAR_")},
        INSTALLED_APPS=apps,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        SITE_ID=1,
        USE_TZ=True,
        SECRET_KEY="bench",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


class Bench:
    def __init__(self, workload, kindness):
        from oscar.core.loading import get_class, get_model

        self.applicator = get_class("offer.applicator", "Applicator")()
        names = (
            "basket.Basket", "basket.Line", "catalogue.Product", "catalogue.ProductClass", "partner.StockRecord",
            "offer.Range", "offer.Condition", "offer.Benefit", "offer.ConditionalOffer",
        )  # fmt: skip
        self.models = {name: get_model(*name.split(".")) for name in names}
        self.kind = self.models["catalogue.ProductClass"](id=1, name="goods", track_stock=False)
        self.kindness = kindness
        self.prices = workload["prices"]
        self.products = {}
        self.models["offer.Range"].objects.all().delete()
        self.offers = [self.offer(one) for one in workload["offers"]]
        self.baskets = [self.basket(number + 1, rows) for number, rows in enumerate(workload["baskets"])]

    def product(self, number):
        found = self.products.get(number)
        if found is None:
            found = self.models["catalogue.Product"](
                id=number + 1, title=f"p{number}", product_class=self.kind
            )
            self.products[number] = found
        return found

    def offer(self, one):
        GOODS[one["id"]] = frozenset(number + 1 for number in one["goods"])
        known = self.models["offer.Range"].objects.create(id=one["id"], name=f"r{one['id']}")
        kind = one["kind"]
        needed = 1 if kind in ("percent", "amount") else one["needed"]
        condition = self.models["offer.Condition"](
            id=one["id"], type="Value" if kind == "spend" else "Count", range=known,
            value=Decimal(one["spend"]) / 100 if kind == "spend" else Decimal(needed),
        )  # fmt: skip
        benefit_type, value = {
            "percent": ("Percentage", Decimal(one["percent"])),
            "quantity": ("Percentage", Decimal(one["percent"])),
            "spend": ("Percentage", Decimal(one["percent"])),
            "amount": ("Fixed", Decimal(one["cents"]) / 100),
            "set_amount": ("Absolute", Decimal(one["cents"]) / 100),
            "cheapest_free": ("Multibuy", None),
            "fixed_price": ("Fixed price", Decimal(one["price"]) / 100),
        }[kind]
        benefit = self.models["offer.Benefit"](
            id=one["id"], type=benefit_type, value=value, range=None if kind == "fixed_price" else known
        )
        if self.kindness == "everything":
            condition, benefit = ready(condition), ready(benefit)
        return self.models["offer.ConditionalOffer"](
            id=one["id"], name=f"o{one['id']}", condition=condition, benefit=benefit, exclusive=True
        )

    def basket(self, number, rows):
        basket = self.models["basket.Basket"](id=number)
        lines = []
        for place, (product, quantity) in enumerate(rows):
            goods = self.product(product)
            stock = self.models["partner.StockRecord"](
                id=product + 1, product=goods, price=Decimal(self.prices[product]) / 100, price_currency="EUR"
            )
            line = self.models["basket.Line"](
                id=number * 1000 + place, basket=basket, product=goods, stockrecord=stock, quantity=quantity,
                price_currency="EUR", price_excl_tax=stock.price, price_incl_tax=stock.price,
            )  # fmt: skip
            line._info = Info(stock.price)
            lines.append(line)
        basket._lines = lines
        return basket

    def run(self, seconds, start):
        baskets, done, place = self.baskets, 0, start
        total = Decimal(0)
        begun = time.process_time()
        while time.process_time() - begun < seconds:
            basket = baskets[place % len(baskets)]
            for line in basket._lines:
                line.clear_discount()
            self.applicator.apply_offers(basket, self.offers)
            total += sum(line.discount_value for line in basket._lines)
            place += 1
            done += 1
        return {"done": done, "cpu": time.process_time() - begun, "discount": str(total)}


def ready(thing):
    """The condition or benefit as oscar would make it for each application, with its range in hand."""
    made = thing.proxy()
    if thing.range_id:
        made.range = thing.range
    return made


class NoCombinations:
    def count(self):
        return 0


class Price:
    is_tax_known = True

    def __init__(self, price):
        self.effective_price = self.incl_tax = self.excl_tax = price
        self.tax = Decimal(0)
        self.currency = "EUR"


class Info:
    def __init__(self, price):
        self.price = Price(price)


def main():
    configure()
    from oscar.core.loading import get_model

    # No offer may be combined with another, and every range knows its goods: no query is needed for either.
    get_model("offer", "ConditionalOffer").combinations = NoCombinations()
    get_model("offer", "Range").contains_product = lambda self, product: product.id in GOODS[self.id]
    bench = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["do"] == "load":
            bench = Bench(message, message["kindness"])
            answer = {"loaded": len(bench.baskets)}
        else:
            answer = bench.run(message["seconds"], message["start"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
