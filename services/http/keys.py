"""Access keys over HTTP, for administrators: make one, list them, end one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from domain.command import Moment
from domain.refusal import Refusal
from services.access.doorkeeper import Doorkeeper
from services.access.keys import PARTIES_LIMIT, AccessKey, Label, Scope, create_key, list_keys, revoke_key
from services.http.guards import requires
from services.service import Service

PAGE_LIMIT = 1_000


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new key may do: for the parties listed, or as a recorder for all where none are."""

    label: Label
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=4)]
    parties: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=PARTIES_LIMIT)] | None = None
    expires_at: Moment | None = None


class KeyView(Struct, frozen=True, kw_only=True):
    """An access key, without its secret."""

    id: str
    label: str
    scopes: tuple[Scope, ...]
    parties: tuple[UUID, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class MadeKey(KeyView, frozen=True, kw_only=True):
    """A key that was just made. Its token is shown this once."""

    token: str


class KeyPage(Struct, frozen=True):
    """Keys by id; ``next`` is the ``after`` of the page that follows, where there is one."""

    items: tuple[KeyView, ...]
    next: str | None


def _view(key: AccessKey) -> KeyView:
    return KeyView(
        id=key.key_id,
        label=key.label,
        scopes=key.scopes,
        parties=key.parties,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


class KeyController(Controller):
    """The access keys of a ledger."""

    path = "/keys"
    tags = ["keys"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("admin")]  # noqa: RUF012 - the same

    @post("/", operation_id="key_create", summary="Make an access key; its token is shown this once")
    async def create(self, ledger: FromPath[str], data: JSONBody[NewKey], service: NamedDependency[Service]) -> MadeKey:
        """Make an access key."""
        token, key = await create_key(
            service.pool,
            ledger,
            data.label,
            data.scopes,
            data.parties,
            expires_at=data.expires_at,
            clock=service.clock,
        )
        view = _view(key)
        return MadeKey(token=token, **{name: getattr(view, name) for name in view.__struct_fields__})

    @get("/", operation_id="key_list", summary="All access keys, those no longer in use too")
    async def list(
        self,
        ledger: FromPath[str],
        service: NamedDependency[Service],
        after: Annotated[str, QueryParameter(max_length=40, pattern="^[a-z0-9]*$")] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_LIMIT)] = 100,
    ) -> KeyPage:
        """List the access keys, by id."""
        keys = await list_keys(service.pool, ledger, after=after, limit=limit + 1)
        more = len(keys) > limit
        return KeyPage(tuple(map(_view, keys[:limit])), keys[limit - 1].key_id if more else None)

    @delete("/{key_id:str}", status_code=200, operation_id="key_revoke", summary="End an access key")
    async def revoke(
        self,
        ledger: FromPath[str],
        key_id: FromPath[str],
        service: NamedDependency[Service],
        doorkeeper: NamedDependency[Doorkeeper],
    ) -> KeyView:
        """End an access key: here at once, in other processes within about a second. May be repeated."""
        key = await revoke_key(service.pool, ledger, key_id, clock=service.clock) if key_id.isalnum() else None
        if key is None:
            raise Refusal("key_not_found", "There is no such access key in this ledger.")
        doorkeeper.forget(ledger, key_id)
        return _view(key)
