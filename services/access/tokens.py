"""Tokens and their secrets: ``rq_<key id>_<secret>``, where the secret is 32 random bytes.

So a plain SHA-256 of it is safe to store: no one can try them all.
"""

import base64
import hashlib
import secrets

PREFIX = "rq"
SECRET_BYTES = 32
KEY_ID_BYTES = 8
"""Of randomness in a key's id; it is looked up within its ledger, so it need not be hard to guess."""
KEY_ID_LENGTH = 40
"""At most, of what is looked up at all."""


def hash_secret(secret: bytes) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret).digest()


def random_secret() -> tuple[str, bytes]:
    """A fresh secret as text, and what is stored of it."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode(), hash_secret(secret)


def random_key_id() -> str:
    """A fresh key's id."""
    return base64.b32encode(secrets.token_bytes(KEY_ID_BYTES)).rstrip(b"=").decode().lower()


def parse_secret(text: str) -> bytes | None:
    """The bytes of a secret's text; ``None`` where it cannot be one."""
    if len(text) > 2 * SECRET_BYTES or not text.isascii():
        return None
    try:
        return base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except ValueError:
        return None


def is_key_id(text: str) -> bool:
    """Whether a text can be the id of a key."""
    return text.isascii() and text.isalnum() and len(text) <= KEY_ID_LENGTH


def write_token(key_id: str, secret: str) -> str:
    """The token that is shown once."""
    return f"{PREFIX}_{key_id}_{secret}"


def parse_token(token: str) -> tuple[str, bytes] | None:
    """The id and the secret of a token; ``None`` where it cannot be one."""
    prefix, _, rest = token.partition("_")
    key_id, _, text = rest.partition("_")
    secret = parse_secret(text)
    if prefix != PREFIX or secret is None or not is_key_id(key_id):
        return None
    return key_id, secret
