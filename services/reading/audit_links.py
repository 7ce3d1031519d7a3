"""Addresses of what stands behind a figure: the same audit, at the same moment, narrowed to the lines that it counts.

They are paths of the HTTP API. An address is pinned to its answer's moment (``AsOf.pin``), so it counts the same later.
"""

from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypedDict
from urllib.parse import quote, urlencode
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from services.reading.as_of import AsOf, write_moment
from services.reading.promise_lines import PromiseLine
from services.reading.standing import NARROWED, NO_ORGANISATION, PromiseFilter

NONE = "none"
"""What an address calls the organisation of those who are members of none."""


class EventLink(Struct, frozen=True, kw_only=True):
    """An event behind a line, and the proof that it is in the log."""

    position: int
    event: str
    proof: str


class Addresses(TypedDict):
    """The fields of an ``EventLink``, to be given to it."""

    position: int
    event: str
    proof: str


class AuditLine(PromiseLine, frozen=True, kw_only=True):
    """A promise at the audit's moment, with the addresses of what it rests on."""

    history: str
    """The promise with everything that was said about it until then."""
    events: tuple[EventLink, ...]
    """In the order of ``positions``."""


class Links(Struct, frozen=True):
    """Writes the addresses of an audit's figures and lines."""

    ledger_id: str
    as_of: AsOf
    chosen: PromiseFilter

    @property
    def ledger(self) -> str:
        """Where the ledger is."""
        return _place(self.ledger_id)

    def within(self, **group: Any) -> "Links":  # noqa: ANN401 - the fields of a filter
        """Those of a part of the audit: what its group's key says replaces, for times narrows, what was asked for."""
        chosen = self.chosen
        if chosen.made_from is not None and "made_from" in group:
            group["made_from"] = max(chosen.made_from, group["made_from"])
        if chosen.made_to is not None and "made_to" in group:
            group["made_to"] = min(chosen.made_to, group["made_to"])
        return replace(self, chosen=replace(chosen, **group))

    def to(self, **narrowed: Any) -> str | None:  # noqa: ANN401 - the fields of a filter
        """The lines that a figure counts; ``None`` where what was asked for leaves none of them."""
        fields: dict[str, Any] = {}
        for name, wanted in narrowed.items():
            given = getattr(self.chosen, name)
            if given is None or given == wanted:
                fields[name] = wanted
            elif name != "standing":
                return None
            elif not _inside(given, wanted):
                if not _inside(wanted, given):
                    return None
                fields[name] = wanted
        return self.address(replace(self.chosen, **fields))

    def address(self, chosen: PromiseFilter) -> str:
        """The audit of what is chosen, at this moment."""
        given = ((name, getattr(chosen, name)) for name in chosen.__struct_fields__)
        query = [f"{name}={quote(_written(value), safe=':@')}" for name, value in given if value is not None]
        return f"{self.ledger}/promises/audit?{'&'.join((*query, self._moment()))}"

    def line(self, line: PromiseLine) -> AuditLine:
        """A line with the addresses of what it rests on."""
        return AuditLine(
            **asdict(line),
            history=self.history(line.id),
            events=tuple(EventLink(**self.addresses(position)) for position in line.positions),
        )

    def history(self, promise: UUID) -> str:
        """A promise with all that was said about it until the audit's moment."""
        return f"{self.ledger}/promises/{promise}?{self._moment()}"

    def addresses(self, position: int) -> "Addresses":
        """An event's, and its proof's."""
        return {
            "position": position,
            "event": f"{self.ledger}/events/{position}",
            "proof": f"{self.ledger}/log/proof/inclusion/{position}",
        }

    def _moment(self) -> str:
        return _moment(self.as_of.pin, self.as_of.clock)


@cache
def _place(ledger_id: str) -> str:
    return f"/v1/ledgers/{quote(ledger_id, safe='')}"


@lru_cache(maxsize=16)
def _moment(pin: str, clock: str) -> str:
    return urlencode({"as_of": pin, "clock": clock}, safe=":@")


def _inside(part: Any, whole: Any) -> bool:  # noqa: ANN401 - what a list may be narrowed to
    """Whether all that stand as ``part`` says stand as ``whole`` says; of two, one does, or they share none."""
    return set(NARROWED.get(part) or (part,)) <= set(NARROWED.get(whole) or (whole,))


def _written(value: Any) -> str:  # noqa: ANN401 - a filter's
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return write_moment(value)
        case UUID() if value == NO_ORGANISATION:
            return NONE
        case _:
            return str(value)
