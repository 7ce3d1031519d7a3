"""Signatures by Standard Webhooks: ``v1`` is HMAC-SHA256 under a shared secret, ``v1a`` Ed25519 (RFC 8032).

What is signed is ``<webhook-id>.<webhook-timestamp>.<body>``. While a secret is being replaced, both sign.
"""

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

Signing = Literal["hmac", "ed25519"]
SECRET_BYTES = 32


def new_secret() -> bytes:
    """A fresh secret: the key of an HMAC, or the seed of an Ed25519 key."""
    return os.urandom(SECRET_BYTES)


def write_secret(secret: bytes) -> str:
    """The secret of an HMAC, as receivers' libraries take it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def write_public_key(seed: bytes) -> str:
    """The public key that belongs to an Ed25519 seed, as receivers' libraries take it."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return f"whpk_{base64.b64encode(public).decode()}"


def sign(signing: Signing, secrets: Sequence[bytes], message_id: str, moment: datetime, body: bytes) -> str:
    """The header ``webhook-signature``: one signature for each secret. ``moment`` is in UTC."""
    match signing:
        case "hmac":
            signatures = [Webhook(secret).sign(message_id, moment, body.decode()) for secret in secrets]
        case "ed25519":
            signed = f"{message_id}.{int(moment.timestamp())}.".encode() + body
            signatures = [
                f"v1a,{base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(signed)).decode()}"
                for seed in secrets
            ]
        case _:
            assert_never(signing)
    return " ".join(signatures)
