"""Reading side by side: what several readings ask for at the same time goes to the database as one statement.

Readings are written one after the other, each as it is easiest to read, and know nothing of each other. Done
*together* they run until all of them wait for rows; what they wait for is then asked for at once, and so on. So a page
needs as many statements as its longest reading, not as all of them in a row.

One statement is made of several by giving each a column of its own, an array of its rows; each is planned as it would
be alone.
"""

import asyncio
import functools
import re
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar, cast, overload
from weakref import WeakKeyDictionary

import asyncpg

T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")
T5 = TypeVar("T5")
T6 = TypeVar("T6")
Reading = Coroutine[Any, Any, T1]


class Row:
    """A row as asyncpg's records are: its values by name or place; iterating gives the values."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: dict[str, int], values: Sequence[Any]) -> None:
        self._names = names
        self._values = values

    def __getitem__(self, key: str | int) -> Any:  # noqa: ANN401 - of any type
        return self._values[key if isinstance(key, int) else self._names[key]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> Iterator[str]:
        """The columns' names."""
        return iter(self._names)


class Columns(NamedTuple):
    """What a statement answers with."""

    names: dict[str, int]
    arrays: frozenset[str]
    """The types of those of its columns that are arrays."""


class Statement(NamedTuple):
    """A statement that is waited for."""

    text: str
    arguments: tuple[object, ...]
    answer: asyncio.Future[list[asyncpg.Record]]

    def asks_as(self, other: "Statement") -> bool:
        """Whether another asks for the same."""
        return self.text == other.text and self.arguments == other.arguments


Known = dict[str, Columns]
"""By statement: what one database answers it with."""
_known: WeakKeyDictionary[object, Known] = WeakKeyDictionary()
"""By a database's pool: as it told once."""


class Together:
    """A connection for readings that run side by side. It is theirs alone for as long as they do."""

    def __init__(self, connection: asyncpg.Connection, database: object) -> None:
        """``database``: what the connection is of, as its pool; what a statement answers with is kept for that."""
        self._connection = connection
        self._known = _known.setdefault(database, {})
        self._running = 0
        """How many readings run on their own, and don't wait for rows or for readings that they began."""
        self._waiting: list[Statement] = []
        self._still = asyncio.Event()
        self._is_led = False

    async def fetch(self, text: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of a statement."""
        if not self._is_led:
            return await self._connection.fetch(text, *arguments)
        answer: asyncio.Future[list[asyncpg.Record]] = asyncio.get_running_loop().create_future()
        self._waiting.append(Statement(text, arguments, answer))
        self._rest()
        return await answer

    async def fetchrow(self, text: str, *arguments: object) -> asyncpg.Record | None:
        """Its first row."""
        rows = await self.fetch(text, *arguments)
        return rows[0] if rows else None

    async def fetchval(self, text: str, *arguments: object) -> Any:  # noqa: ANN401 - of any type
        """The first value of its first row."""
        row = await self.fetchrow(text, *arguments)
        return None if row is None else row[0]

    @overload
    async def all(self, one: Reading[T1], two: Reading[T2], /) -> tuple[T1, T2]: ...
    @overload
    async def all(self, one: Reading[T1], two: Reading[T2], three: Reading[T3], /) -> tuple[T1, T2, T3]: ...
    @overload
    async def all(
        self,
        one: Reading[T1],
        two: Reading[T2],
        three: Reading[T3],
        four: Reading[T4],
        /,
    ) -> tuple[T1, T2, T3, T4]: ...
    @overload
    async def all(
        self,
        one: Reading[T1],
        two: Reading[T2],
        three: Reading[T3],
        four: Reading[T4],
        five: Reading[T5],
        /,
    ) -> tuple[T1, T2, T3, T4, T5]: ...
    @overload
    async def all(
        self,
        one: Reading[T1],
        two: Reading[T2],
        three: Reading[T3],
        four: Reading[T4],
        five: Reading[T5],
        six: Reading[T6],
        /,
    ) -> tuple[T1, T2, T3, T4, T5, T6]: ...
    @overload
    async def all(self, *readings: Reading[T1]) -> tuple[T1, ...]: ...

    async def all(self, *readings: Reading[Any]) -> tuple[Any, ...]:
        """What readings answer, in their order, done together; one of them may begin others so itself.

        Raises what the first of them raises that fails, once all have come to their end.
        """
        if not readings:
            return ()
        if self._is_led:
            return await self._begun_within(readings)
        self._is_led, self._running = True, len(readings)
        self._still.clear()
        tasks = [asyncio.ensure_future(self._run(reading)) for reading in readings]
        try:
            await self._lead()
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        finally:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            self._is_led, self._waiting = False, []
        return _answers(outcomes)

    async def _run(self, reading: Reading[Any]) -> Any:  # noqa: ANN401 - of any type
        try:
            return await reading
        finally:
            self._rest()

    async def _begun_within(self, readings: Sequence[Reading[Any]]) -> tuple[Any, ...]:
        """Readings that a reading began: the last one that comes to its end hands over to it."""
        left = len(readings)
        self._running += left - 1

        async def run(reading: Reading[Any]) -> Any:  # noqa: ANN401 - of any type
            nonlocal left
            try:
                return await reading
            finally:
                left -= 1
                if left:
                    self._rest()

        return _answers(await asyncio.gather(*map(run, readings), return_exceptions=True))

    def _rest(self) -> None:
        """One reading less runs."""
        self._running -= 1
        if not self._running:
            self._still.set()

    async def _lead(self) -> None:
        """Ask for what is waited for, each time that all wait, until nothing is any more."""
        while True:
            await self._still.wait()
            self._still.clear()
            asked, self._waiting = self._waiting, []
            if not asked:
                return
            self._running = len(asked)
            groups: list[list[Statement]] = []
            for one in asked:
                alike = next((group for group in groups if group[0].asks_as(one)), None)
                if alike is None:
                    groups.append([one])
                else:
                    alike.append(one)
            try:
                answers = await self._ask([group[0] for group in groups])
            except Exception as error:  # noqa: BLE001 - each reading is told, and raises it
                for one in asked:
                    one.answer.set_exception(error)
            else:
                for group, rows in zip(groups, answers, strict=True):
                    for one in group:
                        one.answer.set_result(rows)

    async def _ask(self, asked: Sequence[Statement]) -> list[list[asyncpg.Record]]:
        if len(asked) == 1:
            return [await self._connection.fetch(asked[0].text, *asked[0].arguments)]
        columns = [await self._columns_of(statement.text) for statement in asked]
        first = asked[0].arguments[:1]
        is_id = bool(first) and isinstance(first[0], str)
        shared = tuple(is_id and one.arguments[:1] == first for one in asked)
        arrays = frozenset().union(*(one.arrays for one in columns))
        text = combine(tuple((one.text, len(one.arguments)) for one in asked), shared, arrays)
        arguments = [
            *(first if is_id else ()),
            *(
                one
                for statement, is_shared in zip(asked, shared, strict=True)
                for one in statement.arguments[is_shared:]
            ),
        ]
        row = await self._connection.fetchrow(text, *arguments)
        assert row is not None
        return [
            cast("list[asyncpg.Record]", [Row(one.names, values) for values in rows])
            for one, rows in zip(columns, row, strict=False)
        ]

    async def _columns_of(self, text: str) -> Columns:
        known = self._known.get(text)
        if known is None:
            attributes = (await self._connection.prepare(text)).get_attributes()
            names = {attribute.name: place for place, attribute in enumerate(attributes)}
            arrays = frozenset(attribute.type.name for attribute in attributes if attribute.type.kind == "array")
            known = self._known[text] = Columns(names, arrays)
        return known


PARAMETER = re.compile(r"\$(\d+)")


@functools.cache
def combine(statements: tuple[tuple[str, int], ...], shared: tuple[bool, ...], arrays: frozenset[str]) -> str:
    """One statement with a column for each of these, which have so many parameters: an array of its rows.

    ``shared``: whose first parameter is that of the first one, as the ledger's id is. Rows within an array are read by
    what the connection knows of types; ``arrays`` are those that it does not know of itself until a column has them.
    """
    parts, taken = [], int(any(shared))
    for (text, count), is_shared in zip(statements, shared, strict=True):
        start = taken

        def moved(match: re.Match[str], start: int = start, is_shared: bool = is_shared) -> str:  # noqa: FBT001 - bound early
            number = int(match[1])
            return "$1" if is_shared and number == 1 else f"${start + number - is_shared}"

        parts.append(f"ARRAY(SELECT q FROM (\n{PARAMETER.sub(moved, text)}\n) AS q)")  # noqa: S608 - of our own files
        taken += count - is_shared
    parts += [f"NULL::{name}" for name in sorted(arrays)]
    return "SELECT\n" + ",\n".join(parts)


def _answers(outcomes: Sequence[Any]) -> tuple[Any, ...]:
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return tuple(outcomes)
