"""Access keys over HTTP, for administrators: make one, list them, exchange its secret, end it."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter
from msgspec import Meta, Struct

from domain.command import Moment
from domain.refusal import Refusal
from services.access.doorkeeper import Doorkeeper
from services.access.keys import PARTIES_LIMIT, AccessKey, Label, Scope, Secret, create_key, list_keys, revoke_key
from services.access.rotation import OVERLAP, OVERLAP_MAX, end_secret, rotate_key
from services.access.tokens import is_key_id
from services.http.guards import requires
from services.service import Service
from services.text import KEY_ID

PAGE_LIMIT = 1_000
NOT_FOUND = ("key_not_found", "There is no such access key in this ledger.")


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new key may do: for the parties listed, or as a recorder for all where none are."""

    label: Label
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=4)]
    parties: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=PARTIES_LIMIT)] | None = None
    expires_at: Moment | None = None


class Rotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a key is to be rotated."""

    overlap_s: Annotated[int, Meta(ge=0, le=int(OVERLAP_MAX.total_seconds()))] = int(OVERLAP.total_seconds())
    """For how many seconds the secrets that the key has go on to open: a day, unless it is said."""


A_DAY = Rotation()


class KeyView(Struct, frozen=True, kw_only=True):
    """An access key, without its secret."""

    id: str
    label: str
    scopes: tuple[Scope, ...]
    parties: tuple[UUID, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """Known to the minute, and that late."""
    secrets: tuple[Secret, ...]
    """What opens it: more than one while it is being rotated, the current one last."""


class MadeKey(KeyView, frozen=True, kw_only=True):
    """A key that was just made, or given a new secret. The token is shown this once."""

    token: str


class KeyPage(Struct, frozen=True):
    """Keys by id; ``next`` is the ``after`` of the page that follows, where there is one."""

    items: tuple[KeyView, ...]
    next: str | None


def _view(key: AccessKey) -> KeyView:
    return KeyView(**_fields(key))


def _fields(key: AccessKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "label": key.label,
        "scopes": key.scopes,
        "parties": key.parties,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "secrets": key.secrets,
    }


@get(
    "/keys/own",
    operation_id="key_own",
    summary="The access key that asks: what it may do, and for whom",
    tags=["keys"],
    guards=[requires(None)],
)
async def read_own_key(access_key: NamedDependency[AccessKey]) -> KeyView:
    """Read what the key of this very request may do."""
    return _view(access_key)


class KeyController(Controller):
    """The access keys of a ledger."""

    path = "/keys"
    tags = ["keys"]  # noqa: RUF012 - Litestar's own form
    guards = [requires("admin")]  # noqa: RUF012 - the same

    @post("/", operation_id="key_create", summary="Make an access key; its token is shown this once")
    async def create(self, ledger: FromPath[str], data: JSONBody[NewKey], service: NamedDependency[Service]) -> MadeKey:
        """Make an access key."""
        token, key = await create_key(
            service.ledgers,
            ledger,
            data.label,
            data.scopes,
            data.parties,
            expires_at=data.expires_at,
            clock=service.clock,
        )
        return MadeKey(token=token, **_fields(key))

    @get("/", operation_id="key_list", summary="All access keys, those no longer in use too")
    async def list(
        self,
        ledger: FromPath[str],
        service: NamedDependency[Service],
        after: Annotated[str, QueryParameter(max_length=40, pattern=KEY_ID)] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_LIMIT)] = 100,
    ) -> KeyPage:
        """List the access keys, by id."""
        keys = await list_keys(service.ledgers, ledger, after=after, limit=limit + 1)
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
        key = await revoke_key(service.ledgers, ledger, key_id, clock=service.clock) if is_key_id(key_id) else None
        return _changed(doorkeeper, ledger, key_id, key)

    @post("/{key_id:str}/rotate", status_code=200, operation_id="key_rotate", summary="Give an access key a new secret")
    async def rotate(
        self,
        ledger: FromPath[str],
        key_id: FromPath[str],
        service: NamedDependency[Service],
        doorkeeper: NamedDependency[Doorkeeper],
        data: JSONBody[Rotation] = A_DAY,
    ) -> MadeKey:
        """Give an access key a new secret, whose token is shown this once. It opens at once.

        The key stays the same, to the log too. The secrets that it had open for `overlap_s` more; `last_used_at` of
        each tells whether somebody still uses it.
        """
        if not is_key_id(key_id):
            raise Refusal(*NOT_FOUND)
        overlap = timedelta(seconds=data.overlap_s)
        rotated = await rotate_key(service.ledgers, ledger, key_id, overlap, clock=service.clock)
        if rotated is None:
            raise Refusal(*NOT_FOUND)
        doorkeeper.forget(ledger, key_id)
        return MadeKey(token=rotated[0], **_fields(rotated[1]))

    @delete(
        "/{key_id:str}/secrets/{number:int}",
        status_code=200,
        operation_id="key_end_secret",
        summary="End a former secret of an access key before its time",
    )
    async def end(
        self,
        ledger: FromPath[str],
        key_id: FromPath[str],
        number: Annotated[int, PathParameter(ge=1, le=2**31 - 1)],
        service: NamedDependency[Service],
        doorkeeper: NamedDependency[Doorkeeper],
    ) -> KeyView:
        """End a former secret: here at once, in other processes within about a second. May be repeated."""
        found = is_key_id(key_id)
        key = await end_secret(service.ledgers, ledger, key_id, number, clock=service.clock) if found else None
        return _changed(doorkeeper, ledger, key_id, key)


def _changed(doorkeeper: Doorkeeper, ledger: str, key_id: str, key: AccessKey | None) -> KeyView:
    if key is None:
        raise Refusal(*NOT_FOUND)
    doorkeeper.forget(ledger, key_id)
    return _view(key)
