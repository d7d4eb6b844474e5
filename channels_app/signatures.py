"""Ed25519 signatures: how a scale unit knows that something comes from headquarters. Pure: no Django.

Every signature is made for one purpose, which is part of what is signed: a signed request is never a package.
Nothing here looks at a clock, because a store's clock may be a day off.
"""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_SIZE = 64


def new_keys() -> tuple[str, str]:
    """A new private key and its public half, each as base64 of its 32 bytes."""
    private = Ed25519PrivateKey.generate()
    return _text(private.private_bytes_raw()), _text(private.public_key().public_bytes_raw())


def public_key_of(private: str) -> str:
    """The public half of a private key, both as base64."""
    return _text(_private(private).public_key().public_bytes_raw())


def fingerprint(public: str) -> str:
    """A short name of a public key, for people and for manifests."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:16]


def sign(private: str, purpose: str, content: bytes) -> bytes:
    """The 64 bytes that prove `content` was meant for `purpose` by the holder of the private key."""
    return _private(private).sign(_message(purpose, content))


def is_signed(trusted: Sequence[str], purpose: str, content: bytes, signature: bytes) -> bool:
    """Whether one of the trusted public keys signed `content` for `purpose`."""
    for public in trusted:
        try:
            _public(public).verify(signature, _message(purpose, content))
        except InvalidSignature:
            continue
        return True
    return False


def _message(purpose: str, content: bytes) -> bytes:
    return b"tillhouse " + purpose.encode() + b"\n" + content


def _private(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))


def _public(key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(key))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
