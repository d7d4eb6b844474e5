"""What every installation has in common; `dev`, `test` and `prod` say where it runs."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from config.logs import logging_config
from config.settings import environment
from config.settings.roles import role_settings
from hq.look import unfold

BASE_DIR = Path(__file__).resolve().parents[2]
DEBUG = environment.flag("DEBUG")

OUR_APPS = [
    "channels_app",
    "hq",
    "catalog",
    "customers",
    "pricing",
    "inventory",
    "pos",
    "shifts",
    "orders",
    "hardware",
    "api",
]
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the site is ours: hq.site
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "config",
    *OUR_APPS,
    "hq.site.HeadquartersAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "import_export",
    "simple_history",
    "axes",
    "csp",
    "lucide",
    "django_celery_beat",
]

AUTH_USER_MODEL = "hq.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "admin:login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "hq/locked_out.html"
AXES_ENABLE_ADMIN = False  # its pages are ours: hq.admin.administration

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_ROUTERS = ["channels_app.router.RoleRouter"]
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # an inline-heavy admin form
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "hq.formats"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
MEDIA_URL = "/media/"

UNFOLD = unfold()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tillhouse",
    "DESCRIPTION": "Everything a till can do, with the same rules and the same prices.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["api.v1.schema.add_messages"],
}

CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
STATION_KEY_DAYS = environment.number("STATION_KEY_DAYS", 90)  # then a station is given a new key; 0: never
STATION_NETWORKS = environment.networks(  # in these, and nowhere else, a station opens its devices
    "STATION_NETWORKS",
    (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    ),
)
CELERY_WORKER_CONCURRENCY = environment.number("WORKER_THREADS", 4)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_IMPORTS = ["config.heartbeat"]

LOGGING_CONFIG: str | None = "logging.config.dictConfig"
LOGGING = logging_config(json=environment.flag("LOG_JSON"), level=environment.text("LOG_LEVEL", "INFO"))


def redis_settings(url: str, prefix: str) -> dict[str, Any]:
    """Cache, channel layer and task queue on one Redis; `prefix` keeps two processes' roles apart on it."""
    return {
        "REDIS_URL": url,
        "REDIS_PREFIX": prefix,
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": url,
                "KEY_PREFIX": prefix,
            }
        },
        "CHANNEL_LAYERS": {
            "default": {
                "BACKEND": "config.channel_layer.ChannelLayer",
                # The client's default of 5 s is as short as the layer's blocking read: sockets would break.
                "CONFIG": {"hosts": [{"address": url, "socket_timeout": 15}], "prefix": prefix},
            }
        },
        "CELERY_BROKER_URL": url,
        "CELERY_TASK_DEFAULT_QUEUE": "work",
        "CELERY_BROKER_TRANSPORT_OPTIONS": {"global_keyprefix": f"{prefix}:", "visibility_timeout": 900},
    }


def schedule_settings(role: str, data_dir: Path) -> dict[str, Any]:
    """What runs by itself. Headquarters' schedules are rows that staff edit; a scale unit's are fixed."""
    from config.schedules import beat_schedule

    settings: dict[str, Any] = {"CELERY_BEAT_SCHEDULE": beat_schedule(role)}
    if role == "headquarters":
        settings["CELERY_BEAT_SCHEDULER"] = "django_celery_beat.schedulers:DatabaseScheduler"
    else:
        settings["CELERY_BEAT_SCHEDULE_FILENAME"] = str(data_dir / "beat-schedule")
    return settings


def common(role: str, data_dir: Path, redis_url: str) -> dict[str, Any]:
    """Everything that follows from the role, the data folder and the Redis address."""
    name = environment.text("SCALE_UNIT_NAME", "main")
    prefix = environment.text(
        "REDIS_PREFIX", f"tillhouse:{role}:{name}" if role == "scale_unit" else f"tillhouse:{role}"
    )
    return {
        **role_settings(role),
        **redis_settings(redis_url, prefix),
        **schedule_settings(role, data_dir),
        **mail_settings(data_dir),
        "DATA_DIR": data_dir,
        "MEDIA_ROOT": data_dir / "media",
        "SCALE_UNIT_NAME": name,
    }


def package_storage() -> dict[str, dict[str, Any]]:
    """Where headquarters keeps the parts of packages: a folder of DATA_DIR, or an S3-compatible bucket.

    Other storages can be set as `STORAGES["packages"]` in settings of one's own.
    """
    bucket = environment.text("PACKAGE_BUCKET", "")
    if not bucket:
        return {}
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "location": environment.text("PACKAGE_BUCKET_PREFIX", "packages"),
        "default_acl": None,  # as the bucket says; nobody needs to read it but headquarters
        "file_overwrite": False,
        "querystring_auth": True,
        "max_memory_size": 8 << 20,
    }
    for name, option in (
        ("S3_ENDPOINT_URL", "endpoint_url"),
        ("S3_REGION", "region_name"),
        ("S3_ACCESS_KEY", "access_key"),
        ("S3_SECRET_KEY", "secret_key"),
    ):
        if value := environment.text(name, ""):
            options[option] = value
    return {"packages": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}


def mail_settings(data_dir: Path) -> dict[str, Any]:
    """Where e-mail goes: to the server of MAIL_URL, such as smtp+tls://name:password@mail.example:587; without one
    into files of the data folder, where a demo can show it.
    """
    address = environment.text("MAIL_URL", "")
    sender = environment.text("MAIL_FROM", "receipts@localhost")
    if not address:
        return {
            "DEFAULT_FROM_EMAIL": sender,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(data_dir / "mail"),
        }
    parts = urlsplit(address)
    return {
        "DEFAULT_FROM_EMAIL": sender,
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
    }


def exchange_settings(role: str) -> dict[str, Any]:
    """How headquarters and a scale unit find and trust each other.

    Headquarters signs packages with its private key; a scale unit checks them with the public half and
    names itself with a credential of its own, which headquarters knows only as a hash. Keys are base64 of
    the raw 32 bytes.
    """
    settings: dict[str, Any] = {
        "HEADQUARTERS_URL": environment.text("HEADQUARTERS_URL", "", meaning="where headquarters is reached"),
        "SCALE_UNIT_URL": environment.text("SCALE_UNIT_URL", "", meaning="where this scale unit is reached"),
    }
    if role == "headquarters":
        # Of the scale unit that is registered next; headquarters keeps only its hash.
        settings["EXCHANGE_CREDENTIAL"] = environment.text("EXCHANGE_CREDENTIAL", "")
        settings["PACKAGE_SIGNING_KEY"] = environment.text(
            "PACKAGE_SIGNING_KEY",
            meaning="the private key that signs packages: manage.py exchange_keys makes one",
        )
    if role == "scale_unit":
        settings |= {
            "HEADQUARTERS_URL": environment.text("HEADQUARTERS_URL", meaning="where headquarters is reached"),
            "PACKAGE_VERIFY_KEY": environment.text("PACKAGE_VERIFY_KEY", meaning="headquarters' public key"),
            "EXCHANGE_CREDENTIAL": environment.text(
                "EXCHANGE_CREDENTIAL", meaning="the secret that headquarters gave this scale unit"
            ),
        }
    return settings
