"""Tests: on the PostgreSQL and Valkey that `config.testing.services` starts."""

import tempfile
from pathlib import Path

from config.settings import environment
from config.settings.base import *

ROLE = environment.role("headquarters")
globals().update(
    common(ROLE, environment.data_dir(Path(tempfile.gettempdir())), environment.text("REDIS_URL"))
)

DATABASES = {"default": environment.database(environment.text("DATABASE_URL"))}
SECRET_KEY = "only-for-tests-" + "0123456789" * 4
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
AXES_ENABLED = False
LOGGING_CONFIG = None  # pytest captures; a run with our renderer would show each line twice
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
HEADQUARTERS_URL = "http://headquarters.test"
SCALE_UNIT_URL = "http://scale-unit.test"
EXCHANGE_CREDENTIAL = ""
