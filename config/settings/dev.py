"""Embedded mode: services, secrets and addresses come from `.data/`, where the one command keeps them.

Also for a command in a second terminal (`ROLE=scale_unit manage.py shell`): what is not in the environment
is taken from there.
"""

import os
import socket

from config.embedded.environment import EVERYWHERE, network_address, process_environment
from config.embedded.state import here
from config.settings import environment
from config.settings.base import *

ROLE = environment.role("headquarters")
EMBEDDED = True
_port, _host = here().address()
_defaults = process_environment(here(), ROLE, port=environment.number("PORT", _port), host=_host)
for _name in _defaults.keys() - {"DJANGO_SETTINGS_MODULE", "PYTHONPATH"}:
    os.environ.setdefault(_name, _defaults[_name])
OWN_COMPANY = environment.flag("OWN_COMPANY")

globals().update(common(ROLE, environment.data_dir(), environment.text("REDIS_URL")))
globals().update(exchange_settings(ROLE))
DATABASES = (
    {"default": environment.database(os.environ["DATABASE_URL"], pool_size=8)} if ROLE != "lab" else {}
)
SECRET_KEY = environment.text("SECRET_KEY")

_names = {"localhost", "127.0.0.1", "[::1]", socket.gethostname(), environment.text("HOST", "127.0.0.1")}
if os.environ.get("HOST") in EVERYWHERE:  # the shop's tablets come by the machine's address
    _names |= {str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None)}
    _names.add(network_address())
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", tuple(sorted(_names)))
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

# Static files straight from the apps: nothing to collect, and an edited file shows with DEBUG=1.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # a newer version may come into the folder while a scale unit sells from it
