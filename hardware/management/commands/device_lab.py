"""``manage.py device_lab``: the emulated devices in a browser, by themselves."""

import os
import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.roles import Role, current_role


class Command(BaseCommand):
    help = "Serve the device lab: emulated printers, drawers and scanners that one can use in a browser."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")) + 2)

    def handle(self, *args, **options) -> None:
        if current_role() is not Role.LAB:
            os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "ROLE": Role.LAB.value})
        import uvicorn

        if not 0 < options["port"] < 65536:
            raise CommandError("The port must be between 1 and 65535.")
        self.stdout.write(f"Device lab at http://{options['host']}:{options['port']}/")
        uvicorn.run(
            "config.asgi:application",
            host=options["host"],
            port=options["port"],
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
