"""The back office's looks and titles, as the dictionary that Unfold reads. Pure: settings import it.

The accent is the deep teal of the till (hue 195), the greys lean towards it, and every pair of text and
ground that Unfold makes of them keeps a contrast of 4.5 to 1.
"""

from typing import Any

BASE = {
    "50": "oklch(98.4% .003 200)",
    "100": "oklch(96.4% .004 200)",
    "200": "oklch(92.3% .006 205)",
    "300": "oklch(86.6% .009 205)",
    "400": "oklch(70.4% .015 210)",
    "500": "oklch(52.8% .018 212)",
    "600": "oklch(43.4% .018 214)",
    "700": "oklch(36.2% .018 215)",
    "800": "oklch(26.6% .016 216)",
    "900": "oklch(19.6% .014 217)",
    "950": "oklch(14.2% .012 218)",
}
ACCENT = {
    "50": "oklch(97.8% .012 195)",
    "100": "oklch(94.6% .030 195)",
    "200": "oklch(89.4% .054 195)",
    "300": "oklch(82.0% .080 195)",
    "400": "oklch(72.6% .098 195)",
    "500": "oklch(66.0% .098 195)",
    "600": "oklch(46.0% .085 195)",
    "700": "oklch(39.6% .073 195)",
    "800": "oklch(34.0% .060 195)",
    "900": "oklch(30.2% .050 195)",
    "950": "oklch(22.6% .038 195)",
}


def unfold() -> dict[str, Any]:
    """Unfold's configuration. Dotted names are functions that Unfold calls with the request."""
    return {
        "SITE_TITLE": "Tillhouse",
        "SITE_HEADER": "Tillhouse",
        "SITE_SUBHEADER": "Headquarters",
        "SITE_ICON": "hq.site.icon",
        "SITE_FAVICONS": [
            {"rel": "icon", "type": "image/svg+xml", "href": "hq.site.icon"},
        ],
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_BACK_BUTTON": True,
        "ENVIRONMENT": "hq.site.environment",
        "STYLES": ["hq.site.tokens", "hq.site.stylesheet"],
        "SCRIPTS": ["hq.site.script"],
        "BORDER_RADIUS": "10px",
        "COLORS": {
            "base": BASE,
            "primary": ACCENT,
            "font": {
                "subtle-light": "var(--color-base-500)",
                "subtle-dark": "var(--color-base-400)",
                "default-light": "var(--color-base-700)",
                "default-dark": "var(--color-base-300)",
                "important-light": "var(--color-base-950)",
                "important-dark": "var(--color-base-50)",
            },
        },
        "SIDEBAR": {
            "show_search": True,
            "command_search": True,
            "show_all_applications": False,
            "navigation": "hq.navigation.sidebar",
        },
        "TABS": "hq.navigation.tabs",
        "COMMAND": {
            "search_models": "hq.navigation.searched_models",
            "show_history": True,
        },
        "ACCOUNT": {"navigation": []},
        "LOGIN": {"form": "hq.forms.SignInForm"},
    }
