"""An installed system: everything comes from the environment, and what is missing is named at the start."""

from config.settings import environment
from config.settings.base import *
from config.settings.roles import role_settings

ROLE = environment.role()
EMBEDDED = False
globals().update(
    common(ROLE, environment.data_dir(), environment.text("REDIS_URL", meaning="redis://host:6379/0"))
)
globals().update(exchange_settings(ROLE))
SECRET_KEY = environment.text(
    "SECRET_KEY", meaning="a long random text, the same for all processes of a role"
)
DATABASES = {}
if ROLE != "lab":
    _url = environment.text("DATABASE_URL", meaning="postgresql://user:password@host:5432/name")
    DATABASES = {"default": environment.database(_url, pool_size=environment.number("DATABASE_POOL", 8))}

environment.text("ALLOWED_HOSTS", meaning="the host names this role is reached by")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

STATIC_ROOT = environment.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    **(package_storage() if ROLE == "headquarters" else {}),
}

# TLS ends at a proxy that sets X-Forwarded-Proto; INSECURE_HTTP=1 is for a store's own network without one.
if not environment.flag("INSECURE_HTTP"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 30 * 24 * 3600)
    # Whether a company's other hosts also speak TLS only is theirs to say, at the proxy.
    SILENCED_SYSTEM_CHECKS = [
        *role_settings(ROLE)["SILENCED_SYSTEM_CHECKS"],
        *("security.W005", "security.W021"),
    ]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
