"""Make the keys that headquarters and a scale unit trust each other by."""

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print new keys as environment lines: what headquarters gets, and what its scale units get."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        private = Ed25519PrivateKey.generate()
        self.stdout.write("# headquarters")
        self.stdout.write(f"PACKAGE_SIGNING_KEY={_text(private.private_bytes_raw())}")
        self.stdout.write("# each scale unit; the credential is its own, and headquarters is told it once")
        self.stdout.write(f"PACKAGE_VERIFY_KEY={_text(private.public_key().public_bytes_raw())}")
        self.stdout.write(f"EXCHANGE_CREDENTIAL={secrets.token_urlsafe(48)}")


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
