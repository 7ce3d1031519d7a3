"""The figures of a promise audit, each with the address of the lines it counts.

``services/reading/standing.py`` defines how a promise stands. The totals part what was made, and not retracted, into
``made`` = ``open`` + ``kept`` + ``partly_kept`` + ``broken`` + ``reneged`` + ``released`` + ``disputed`` +
``unconfirmed``; within them ``open`` = ``not_started`` + ``in_progress`` + ``reported`` and ``kept`` = ``kept_on_time``
+ ``kept_late``. What was never made is counted apart: ``requested``, ``offered``, ``countered``, ``lapsed``,
``declined`` and ``withdrawn``. ``overdue`` and ``behind`` are parts of ``open``, and may overlap. ``retracted`` ones
are counted apart and in nothing else. Quantities are per unit, of what was made and is not retracted, in the unit's
smallest division. ``docs/audit.md`` defines the measures.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import asyncpg
from msgspec import Struct

from services.reading.audit_links import Links
from services.reading.standing import KEPT, MADE, OPEN, Lateness, Notice, NoticeShare, Standing

QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


class Quantities(Struct, frozen=True, kw_only=True):
    """What was promised and delivered in one unit."""

    unit: str
    promised: int
    delivered: int
    lines: str | None


class Totals(Struct, frozen=True, kw_only=True):
    """How many promises stand how."""

    made: int
    open: int
    not_started: int
    in_progress: int
    reported: int
    overdue: int
    behind: int
    kept: int
    kept_on_time: int
    kept_late: int
    partly_kept: int
    broken: int
    reneged: int
    released: int
    disputed: int
    unconfirmed: int
    retracted: int
    requested: int
    offered: int
    countered: int
    lapsed: int
    declined: int
    withdrawn: int
    quantities: tuple[Quantities, ...]
    lines: Mapping[str, str | None]
    """For each figure above the address of the lines it counts; null where the filters leave none."""


COUNTS = tuple(name for name in Totals.__struct_fields__ if name not in {"quantities", "lines"})


class Proportion(Struct, frozen=True, kw_only=True):
    """How much of how many, with the lines of either."""

    count: float
    of: int
    share: float | None
    """Null where there is none."""
    lines: str | None
    of_lines: str | None


class Quantiles(Struct, frozen=True, kw_only=True):
    """Of values in order, each the one below which that share of them lies, linear in between."""

    lowest: float
    p10: float
    p25: float
    median: float
    p75: float
    p90: float
    highest: float


class Bin(Struct, frozen=True, kw_only=True):
    """How many values lie in one named part of a histogram."""

    name: str
    count: int
    lines: str | None


class Spread(Struct, frozen=True, kw_only=True):
    """How values are distributed."""

    n: int
    lines: str | None
    quantiles: Quantiles | None
    """Null where there is none."""
    bins: tuple[Bin, ...]


class Measures(Struct, frozen=True, kw_only=True):
    """How promises were delivered, and how those that were not were given notice of."""

    on_time: Proportion
    """Of those delivered, whole or in part, that have a due date: those not after the deadline."""
    delivered: Proportion
    """Of those that came due: those kept, and the fractions of those partly kept."""
    lateness_s: Spread
    """Of those delivered that have a due date: delivered - due, in seconds; negative is early."""
    notice_s: Spread
    """Of those reneged that have a due date: due - reneged, in seconds."""
    notice_share: Spread
    """The same as a share of the lead, due - made."""


def totals_of(rows: Sequence[asyncpg.Record], links: Links) -> Totals:
    """The totals of a group's rows."""
    counts: dict[Standing, int] = dict.fromkeys(get_args(Standing), 0)
    quantities: dict[str, tuple[int, int]] = {}
    for row in rows:
        counts[row["standing"]] += row["promises"]
        if row["standing"] in MADE:
            promised, delivered = quantities.get(row["unit"], (0, 0))
            quantities[row["unit"]] = (promised + row["promised"], delivered + row["delivered"])
    return Totals(
        made=sum(counts[standing] for standing in MADE),
        open=sum(counts[standing] for standing in OPEN),
        kept=sum(counts[standing] for standing in KEPT),
        overdue=sum(row["overdue"] for row in rows),
        behind=sum(row["behind"] for row in rows),
        quantities=tuple(
            Quantities(unit=unit, promised=promised, delivered=delivered, lines=links.to(standing="made", unit=unit))
            for unit, (promised, delivered) in quantities.items()
        ),
        lines={
            name: links.to(**{name: True}) if name in {"overdue", "behind"} else links.to(standing=name)
            for name in COUNTS
        },
        **counts,
    )


def measures_of(rows: Sequence[asyncpg.Record], links: Links) -> Measures:
    """The measures of a group's rows."""

    def count(fits: Callable[[asyncpg.Record], bool]) -> int:
        return sum(row["promises"] for row in rows if fits(row))

    def spread(name: str, column: str, kinds: Any, **whole: str) -> Spread:  # noqa: ANN401 - a Literal
        at = rows[0][f"{column}_at"] if rows else None
        return Spread(
            n=count(lambda row: row[column] is not None),
            lines=links.to(**whole, dated=True),
            quantiles=None if at is None else Quantiles(**dict(zip(Quantiles.__struct_fields__, at, strict=True))),
            bins=tuple(
                Bin(
                    name=kind,
                    count=count(lambda row, kind=kind: row[column] == kind),  # type: ignore[misc]
                    lines=links.to(**{name: kind}),
                )
                for kind in get_args(kinds)
            ),
        )

    fractions = sum(row["fractions"] for row in rows if row["standing"] == "partly_kept")
    return Measures(
        on_time=_share(
            count(lambda row: row["on_time"] is True),
            count(lambda row: row["on_time"] is not None),
            links.to(on_time=True),
            links.to(standing="delivered", dated=True),
        ),
        delivered=_share(
            count(lambda row: row["standing"] in KEPT) + fractions,
            count(lambda row: row["came_due"]),
            links.to(standing="delivered"),
            links.to(came_due=True),
        ),
        lateness_s=spread("lateness", "lateness", Lateness, standing="delivered"),
        notice_s=spread("notice", "notice", Notice, standing="reneged"),
        notice_share=spread("notice_share", "notice_shared", NoticeShare, standing="reneged"),
    )


def _share(count: float, of: int, lines: str | None, of_lines: str | None) -> Proportion:
    return Proportion(count=count, of=of, share=count / of if of else None, lines=lines, of_lines=of_lines)
