"""What a browser is sent to a provider of OpenID Connect with, and how that can fail."""

from msgspec import Struct


class ProviderError(Exception):
    """The provider cannot be reached, or what it says does not hold. The message says which."""


class Errand(Struct, frozen=True):
    """What a browser is sent to the provider with, and has to come back with."""

    state: str
    nonce: str
    verifier: str
