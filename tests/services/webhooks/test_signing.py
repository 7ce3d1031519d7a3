"""Signatures: what receivers' own libraries accept, and nothing else."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from services.webhooks.signing import Signing, new_secret, sign, write_public_key, write_secret

BODY = '{"type":"favour.recorded","words":"Brötchen"}'.encode()


def headers(signing: Signing, *secrets: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "webhook-id": "one",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": sign(signing, secrets, "one", now, BODY),
    }


def test_an_hmac_is_what_the_standard_says() -> None:
    """The example of the specification."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    signature = sign("hmac", [secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_both_secrets_of_a_rotation_open_an_hmac() -> None:
    old, new = new_secret(), new_secret()
    sent = headers("hmac", new, old)
    for secret in (old, new):
        assert Webhook(write_secret(secret)).verify(BODY, sent)["type"] == "favour.recorded"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + b" ", sent)


def test_a_public_key_checks_an_ed25519_signature() -> None:
    old, new = new_secret(), new_secret()
    sent = headers("ed25519", new, old)
    signatures = [each.partition(",") for each in sent["webhook-signature"].split()]
    assert [version for version, _, _ in signatures] == ["v1a", "v1a"]
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + BODY
    for seed, (_, _, signature) in zip((new, old), signatures, strict=True):
        prefix, _, text = write_public_key(seed).partition("_")
        assert prefix == "whpk"
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(text))
        public.verify(base64.b64decode(signature), signed)
        with pytest.raises(InvalidSignature):
            public.verify(base64.b64decode(signature), signed + b" ")
