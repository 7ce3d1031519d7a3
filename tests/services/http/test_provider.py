"""Signing in by a provider of OpenID Connect: a tiny one, which runs here, with keys of its own."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.access.claims import invite
from services.dashboard.errand import ProviderError
from services.dashboard.provider import Provider
from services.service import Service
from services.settings import Settings, SettingsError
from tests.services.conftest import LEDGER, Desk
from tests.services.http.conftest import Client

KEY = RSAKey.generate_key(2048, {"kid": "one"})
CLIENT, SECRET = "requite", "a secret"


class TinyProvider(ThreadingHTTPServer):
    """Signs in whoever comes, as ``subject``; ``changes`` go into its ID tokens."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.subject = "ben"
        self.changes: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}
        self.discovered = 0


class Answer(BaseHTTPRequestHandler):
    """Discovery, keys and tokens."""

    server: TinyProvider

    def do_GET(self) -> None:
        issuer = self.server.issuer
        if self.path == "/.well-known/openid-configuration":
            self.server.discovered += 1
            found = {"issuer": issuer, "authorization_endpoint": f"{issuer}/authorize"}
            self._answer(found | {"token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys"})
        else:
            self._answer({"keys": [KEY.as_dict(private=False)]})

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.asked.pop(fields["code"][0], None)
        if asked is None or not fields.get("code_verifier"):
            self._answer({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {"iss": self.server.issuer, "aud": CLIENT, "sub": self.server.subject, "iat": now, "exp": now + 60}
        token = jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims | {"nonce": asked["nonce"]} | self.server.changes, KEY
        )
        self._answer({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _answer(self, body: dict[str, Any], status: int = 200) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def tiny() -> Iterator[TinyProvider]:
    """The provider."""
    with TinyProvider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def provider(client: Client, tiny: TinyProvider, app: Any) -> Iterator[Provider]:
    """What the application knows of it."""
    assert client is not None
    app.state.provider = Provider(tiny.issuer, CLIENT, SECRET)
    yield app.state.provider
    app.state.provider = None


async def come_back(client: Client, tiny: TinyProvider, **changes: str) -> Any:
    """Go to the provider as a browser does, and come back."""
    sent = await client.get("/sign-in/with")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    assert (asked["code_challenge_method"], asked["scope"], asked["response_type"]) == ("S256", "openid", "code")
    assert asked["redirect_uri"] == "http://requite.test/sign-in/with/back"
    tiny.asked["code"] = asked
    return await client.get("/sign-in/with/back", params={"code": "code", "state": asked["state"]} | changes)


async def test_whoever_claimed_signs_in_by_the_provider_from_then_on(
    client: Client, service: Service, desk: Desk, tiny: TinyProvider, provider: Provider
) -> None:
    (ben,) = await desk.register("Ben Berg")
    assert f"Sign in with {provider.name}" in (await client.get("/")).text
    first = await come_back(client, tiny)
    assert "belong to no ledger yet" in first.text
    token = await invite(service.pool, LEDGER, ben, clock=service.clock)
    await client.post(f"/claim/{LEDGER}/{token}")
    assert '<span class="me">Ben Berg</span>' in (await client.get("/")).text
    await client.post("/sign-out")
    again = await come_back(client, tiny)
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert '<span class="me">Ben Berg</span>' in (await client.get("/")).text
    assert tiny.discovered == 1
    await client.post("/sign-out")
    tiny.subject = "somebody else"
    assert "belong to no ledger yet" in (await come_back(client, tiny)).text


async def test_who_claimed_first_is_known_by_the_provider_later(
    client: Client, service: Service, desk: Desk, tiny: TinyProvider, provider: Provider
) -> None:
    (ben,) = await desk.register("Ben Berg")
    token = await invite(service.pool, LEDGER, ben, clock=service.clock)
    await client.post(f"/claim/{LEDGER}/{token}")
    assert f"Sign in with {provider.name} from now on" in (await client.get("/ledgers")).text
    await come_back(client, tiny)
    await client.post("/sign-out")
    assert (await come_back(client, tiny)).status_code == 303
    stored = await service.pool.fetch("SELECT i::text FROM person_identity i")
    assert len(stored) == 1
    assert "ben" not in stored[0][0]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"exp": 1},
        {"nonce": "another"},
        {"sub": None},
    ],
)
async def test_a_token_that_does_not_hold(
    client: Client, tiny: TinyProvider, provider: Provider, changes: dict[str, Any]
) -> None:
    assert provider is not None
    tiny.changes = changes
    assert (await come_back(client, tiny)).status_code == 502


async def test_coming_back_without_having_been_sent(client: Client, tiny: TinyProvider, provider: Provider) -> None:
    assert provider is not None
    assert (await client.get("/sign-in/with/back", params={"code": "c", "state": "s"})).status_code == 502
    assert (await come_back(client, tiny, state="another")).status_code == 502
    assert (await come_back(client, tiny, code="another")).status_code == 502
    await come_back(client, tiny)
    tiny.asked["code"] = {"nonce": "x"}
    assert (await client.get("/sign-in/with/back", params={"code": "code", "state": "s"})).status_code == 502


async def test_a_provider_that_is_not_there(client: Client, app: Any) -> None:
    assert (await client.get("/sign-in/with")).status_code == 404
    with pytest.raises(ProviderError):
        await Provider("http://127.0.0.1:9", CLIENT, SECRET).send("http://requite.test/back")
    assert app is not None


def test_the_settings_of_a_provider() -> None:
    names = {"REQUITE_OIDC_ISSUER": "https://sign.example", "REQUITE_OIDC_CLIENT_ID": "x"}
    with pytest.raises(SettingsError, match="REQUITE_OIDC_CLIENT_SECRET is not set"):
        Settings.from_environment(names)
    whole = names | {"REQUITE_OIDC_CLIENT_SECRET": "hush"}
    oidc = Settings.from_environment(whole).oidc
    assert oidc is not None
    assert "hush" not in repr(oidc)
    with pytest.raises(SettingsError, match="https://"):
        Settings.from_environment(whole | {"REQUITE_OIDC_ISSUER": "http://sign.example"})
    assert Settings.from_environment({}).oidc is None
