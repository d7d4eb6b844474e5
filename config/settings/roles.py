"""What differs between the roles, as data: URLs, middleware, cookie names, policy.

Kept apart from `base` so that a test can put on either role with the same values that a process has.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

STRICT_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, NONCE],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}

# The admin shell evaluates Alpine expressions and sets inline styles; nothing else may.
ADMIN_POLICY = STRICT_POLICY | {
    "script-src": [SELF, NONCE, "'unsafe-eval'"],
    "style-src": [SELF, "'unsafe-inline'"],
    "frame-ancestors": [SELF],
}

_FIRST = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
_LAST = [
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

HEADQUARTERS_MIDDLEWARE = [
    *_FIRST,
    "config.middleware.RefuseNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    *_LAST,
    "config.middleware.AdminContentPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "hq.middleware.CompanyTimeZone",
    "axes.middleware.AxesMiddleware",
]

# Cashiers are workers with a PIN, not Django users: no session, no login, no messages.
SCALE_UNIT_MIDDLEWARE = [
    *_FIRST,
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    *_LAST,
    "django_htmx.middleware.HtmxMiddleware",
]


# The lab has no database and none of the company's models: it starts in half the time without them.
LAB_APPS = ["config", "django.contrib.staticfiles", "django_htmx", "channels", "csp", "lucide"]
LAB_TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parents[2] / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]


# The pages' typeface comes with a package whose app cannot start without the company's models.
LAB_STATIC = [
    Path(__file__).resolve().parents[2] / "static",
    ("unfold/fonts", Path(str(files("unfold"))) / "static/unfold/fonts"),
]


def role_settings(role: str) -> dict[str, Any]:
    """The settings that `role` (headquarters, scale_unit or lab) has for itself, by name."""
    at_headquarters = role == "headquarters"
    of_the_lab = {"INSTALLED_APPS": LAB_APPS, "TEMPLATES": LAB_TEMPLATES, "DATABASE_ROUTERS": []}
    of_the_lab["STATICFILES_DIRS"] = LAB_STATIC
    short = {"headquarters": "hq", "scale_unit": "su", "lab": "lab"}[role]
    return {
        "ROLE": role,
        "ROOT_URLCONF": f"config.urls_{role}",
        "MIDDLEWARE": HEADQUARTERS_MIDDLEWARE if at_headquarters else SCALE_UNIT_MIDDLEWARE,
        # Browsers do not keep ports apart: roles on one host need cookie names of their own.
        "SESSION_COOKIE_NAME": f"tillhouse_{short}_session",
        "CSRF_COOKIE_NAME": f"tillhouse_{short}_csrf",
        "LANGUAGE_COOKIE_NAME": f"tillhouse_{short}_language",
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": STRICT_POLICY},
        # Who changed what is kept where it is changed; applying a package is not a change by somebody.
        "SIMPLE_HISTORY_ENABLED": at_headquarters,
        # The admin app is installed in every role (same migrations), but served by headquarters only.
        "SILENCED_SYSTEM_CHECKS": []
        if at_headquarters
        else ["admin.E408", "admin.E409", "admin.E410", "axes.W002", "unfold.W001"],
        **(of_the_lab if role == "lab" else {}),
    }
