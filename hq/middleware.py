"""HTTP middleware of the back office."""

from collections.abc import Callable

from django.core.cache import cache
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from hq.models import Store

GetResponse = Callable[[HttpRequest], HttpResponse]
_KEY, _REMEMBERED = "hq:time-zone", 60


class CompanyTimeZone:
    """Show and read moments on the clock that most stores have."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(company_time_zone()):
            return self.get_response(request)


def company_time_zone() -> str:
    """The name of the time zone that most stores have; UTC without any store."""
    zone = cache.get(_KEY)
    if zone is None:
        counted = Store.objects.order_by().values_list("time_zone").annotate(stores=Count("pk"))
        zone = max(counted, key=lambda row: (row[1], row[0]), default=("UTC", 0))[0]
        cache.set(_KEY, zone, _REMEMBERED)
    return str(zone)
