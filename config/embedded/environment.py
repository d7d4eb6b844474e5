"""The environment of each process of the embedded mode, built in one place."""

import os
import socket

from config.embedded.state import REDIS_DATABASES, ROOT, State

# What a process inherits from the shell that ran the command; the rest stays outside.
INHERITED = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "VIRTUAL_ENV"),
    *(
        "DEBUG",
        "LOG_LEVEL",
        "LOG_JSON",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "WORKER_THREADS",
        "TILLHOUSE_DATA",
    ),
)


EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # asked for by name, never the default


def addresses(port: int, host: str = "127.0.0.1") -> dict[str, str]:
    """Where each part is reached, by part; on every interface, by the address that the network knows us by."""
    shown = network_address() if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    parts = ("headquarters", "scale_unit", "lab")
    return {part: f"http://{shown}:{port + offset}" for offset, part in enumerate(parts)}


def network_address() -> str:
    """This machine's address in its network; the loopback's where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the kernel says where it would send from
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def process_environment(
    state: State, role: str, *, port: int = 8000, host: str = "127.0.0.1"
) -> dict[str, str]:
    """Everything a process in `role` reads from its environment."""
    address = addresses(port, host)
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {
        "EMBEDDED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "ROLE": role,
        "PORT": str(port),
        "HOST": host,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(state.folder / role),
        "REDIS_URL": state.valkey().url(REDIS_DATABASES[role]),
        "SECRET_KEY": state.secret(f"{role}_secret_key"),
        "HEADQUARTERS_URL": address["headquarters"],
        "SCALE_UNIT_URL": address["scale_unit"],
        "SCALE_UNIT_NAME": "main",
        "EXCHANGE_CREDENTIAL": state.secret("exchange_credential"),
    }
    if state.is_own:
        environment["OWN_COMPANY"] = "1"
    if role != "lab":
        environment["DATABASE_URL"] = state.postgres().url(role)
    if role == "headquarters":
        environment["PACKAGE_SIGNING_KEY"] = state.signing_key()
    if role == "scale_unit":
        environment["PACKAGE_VERIFY_KEY"] = state.verify_key()
    return environment
