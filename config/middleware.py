"""HTTP middleware that belongs to the whole installation."""

from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from config.settings.roles import ADMIN_POLICY

GetResponse = Callable[[HttpRequest], HttpResponse]


class RefuseNul:
    """Say what is wrong with an address with the sign NUL over which a page has stumbled: no text may hold it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        has_nul = "\0" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        if not has_nul or not isinstance(exception, (ValueError, DataError)):
            return None
        return HttpResponseBadRequest(
            "The address holds a sign that no text has (NUL). Take it out.", content_type="text/plain"
        )


class AdminContentPolicy:
    """Give the admin's pages, and only those, the looser policy that the admin shell needs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.namespaces[:1] == ["admin"] and not hasattr(response, "_csp_replace"):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]  # how csp's decorators say it
        return response
