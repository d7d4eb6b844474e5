"""The back office's site: Unfold's shell with our home page, and the pages that belong to no single model."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.management import create_permissions
from django.db.models.signals import post_migrate
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite

from hq import panels
from hq.navigation import Entry, Section, add


class TillhouseSite(UnfoldAdminSite):
    """The project's default admin site."""

    index_title = "Home"
    index_template = "hq/home/page.html"
    enable_nav_sidebar = True

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The home page: what sells today, what needs somebody, what is on its way."""
        from hq.first_steps import first_steps

        context = {
            "content_subtitle": "",
            "sells": panels.cards(request, panels.Question.SELLS),
            "needs": panels.lines(request, panels.Question.NEEDS),
            "needs_cards": panels.cards(request, panels.Question.NEEDS),
            "on_its_way": panels.lines(request, panels.Question.ON_ITS_WAY),
            "on_its_way_cards": panels.cards(request, panels.Question.ON_ITS_WAY),
            "first_steps": first_steps(),
        }
        return super().index(request, {**context, **(extra_context or {})})

    def extra_urls(self) -> list[URLPattern]:
        """The pages that belong to no single model."""
        from hq import distribution_views, views
        from hq.pages import pages

        return [
            path("audit/", self.admin_view(views.audit), name="audit"),
            path("readiness/", self.admin_view(views.readiness), name="readiness"),
            path("distribution/", self.admin_view(distribution_views.overview), name="distribution"),
            *(path(address, self.admin_view(view), name=name) for address, view, name in pages()),
            path(
                "distribution/preview/",
                self.admin_view(distribution_views.before_publishing),
                name="distribution-preview",
            ),
        ]


class HeadquartersAdmin(AdminConfig):
    """`django.contrib.admin` with our site as the default, and our registries filled once apps are loaded.

    Not in a scale unit, which has no back office: its processes start in half the time without.
    """

    default_site = "hq.site.TillhouseSite"
    default = False

    def ready(self) -> None:
        from hq.services import readiness

        if settings.ROLE == "scale_unit":
            return
        super().ready()
        panels.discover()
        readiness.discover()
        import_module("hq.home")
        post_migrate.connect(_lay_down_roles, dispatch_uid="back_office_roles")


def _lay_down_roles(sender: AppConfig, **kwargs: Any) -> None:
    """After the last app is migrated: all permissions exist, so the built-in roles can be given theirs."""
    if settings.ROLE == "headquarters" and sender is list(apps.get_app_configs())[-1]:
        create_permissions(
            sender, verbosity=0, **{key: kwargs[key] for key in ("using", "apps") if key in kwargs}
        )
        import_module("hq.services.back_office_roles").bring_up_to_date()


site = admin.site

add(Section.HOME, Entry("Home", "admin:index", icon="home", position=0))


def icon(request: HttpRequest) -> str:
    """The address of the project's icon."""
    return static("icon.svg")


def tokens(request: HttpRequest) -> str:
    """The address of the colours and sizes that the back office shares with the till."""
    return static("css/tokens.css")


def stylesheet(request: HttpRequest) -> str:
    """The address of our additions to Unfold's styles."""
    return static("css/hq.css")


def script(request: HttpRequest) -> str:
    """The address of our additions to Unfold's behaviour."""
    return static("hq/hq.js")


def environment(request: HttpRequest) -> list[str] | None:
    """What installation this is, for the page's corner: a word and Unfold's tint; None in production."""
    if settings.DEBUG:
        return ["Development", "warning"]
    if getattr(settings, "EMBEDDED", False) and not getattr(settings, "OWN_COMPANY", False):
        return ["Demo", "info"]
    return None
