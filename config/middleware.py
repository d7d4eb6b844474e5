"""HTTP middleware that belongs to the whole installation."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.settings.roles import ADMIN_POLICY

GetResponse = Callable[[HttpRequest], HttpResponse]


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
