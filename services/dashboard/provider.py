"""Signing in by a provider of OpenID Connect, found by discovery: any that speaks the standard.

The code flow with PKCE (RFC 7636), and a nonce in the ID token, whose signature, issuer, audience and times are
checked. What the provider says of the person besides its name for it is not asked for, and not kept.
"""

import asyncio
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.dashboard.errand import Errand, ProviderError

SCOPE = "openid"
METHOD = "S256"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
WITHIN_S = 10.0
KNOWN_S = 3_600.0
"""For how long what discovery found, keys too, is taken as it is."""
LEEWAY_S = 60


class Provider:
    """A provider, by the settings' issuer, client id and client secret."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._found: tuple[float, dict[str, Any], KeySet] | None = None
        self._finding = asyncio.Lock()

    @property
    def name(self) -> str:
        """What a person knows it by."""
        return urlsplit(self.issuer).netloc

    async def send(self, redirect_uri: str) -> tuple[str, Errand]:
        """The address to send a browser to, and its errand. Raises ``ProviderError``."""
        errand = Errand(secrets.token_urlsafe(24), secrets.token_urlsafe(24), generate_token(64))
        metadata, _keys = await self._find()
        async with self._client(redirect_uri) as client:
            address, _state = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(address), errand

    async def redeem(self, redirect_uri: str, code: str, errand: Errand) -> str:
        """The provider's name for the person that came back with a code. Raises ``ProviderError``."""
        metadata, keys = await self._find()
        try:
            async with self._client(redirect_uri) as client:
                tokens = await client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=errand.verifier)
        except (httpx.HTTPError, OAuthError, ValueError) as error:
            raise ProviderError("The provider did not take the code that the browser came back with.") from error
        return self._check(tokens.get("id_token"), keys, errand.nonce)

    def _check(self, token: object, keys: KeySet, nonce: str) -> str:
        if not isinstance(token, str):
            raise ProviderError("The provider sent no ID token.")
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            rules.validate({**claims, "iss": str(claims.get("iss", "")).rstrip("/")})
        except (JoseError, ValueError, KeyError) as error:
            raise ProviderError("The provider's ID token does not hold: it is not for us, or not from it.") from error
        return str(claims["sub"])

    async def _find(self) -> tuple[dict[str, Any], KeySet]:
        """What the provider publishes of itself (OpenID Connect Discovery), and its keys."""
        async with self._finding:
            if self._found is not None and time.monotonic() < self._found[0]:
                return self._found[1:]
            try:
                async with httpx.AsyncClient(timeout=WITHIN_S) as client:
                    found = (await client.get(f"{self.issuer}/.well-known/openid-configuration")).raise_for_status()
                    metadata = found.json()
                    keys = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
                if metadata["issuer"].rstrip("/") != self.issuer:
                    raise ProviderError("The provider calls itself by another issuer than REQUITE_OIDC_ISSUER.")
                self._found = (time.monotonic() + KNOWN_S, metadata, KeySet.import_key_set(keys))
            except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
                raise ProviderError("The provider cannot be reached, or does not say what it should.") from error
            return self._found[1:]

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method=METHOD,
            timeout=WITHIN_S,
        )
