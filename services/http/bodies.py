"""Bodies: JSON, decoded once and strictly into the struct that the handler names.

Litestar would decode to plain values first and convert those leniently ("1" to 1, a number to a date); here the bytes
go straight to the type, so what OpenAPI says is what is taken.
"""

import math
import re
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Empty

from services.http.problems import PLAIN_NAME, FieldError, ProblemError
from services.text import has_nul, in_words

T = TypeVar("T")
CONTENT_TYPE = "application/json"
AT = re.compile(r"(?P<text>.*) - at `\$(?P<path>.*)`", re.DOTALL)
UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
MISSING_FIELD = re.compile(r"Object missing required field `(?P<name>\w+)`")
STEP = re.compile(r"\.(?P<field>\w+)|\[(?P<index>\d+|\.\.\.)\]")
NUL_ESCAPE = b"\\u0000"


class JsonRequest(Request[Any, Any, Any]):
    """A request whose JSON is decoded into the type of the handler's ``data``."""

    async def json(self) -> Any:  # noqa: ANN401 - as Litestar declares it
        """The decoded body. Raises ``ProblemError`` where it is not JSON, or does not fit."""
        if not self._is_json():
            raise ProblemError(
                "wrong_content_type",
                "Send the body as JSON in UTF-8, with the header 'Content-Type: application/json'.",
            )
        field = self.route_handler.parsed_data_field
        assert field is not None
        return decode(await self.body(), field.annotation)

    def _is_json(self) -> bool:
        if self._header(b"content-type") == CONTENT_TYPE.encode():  # how almost everybody says it
            return True
        content_type, options = self.content_type
        return content_type == CONTENT_TYPE and options.get("charset", "utf-8").lower() == "utf-8"

    async def body(self) -> bytes:
        """The body's bytes. Raises ``ProblemError`` where the caller went away amid them: no fault of ours.

        Raises ``RequestEntityTooLarge`` where it is, or is announced to be, larger than the route takes.
        """
        if self._body is Empty:
            self._body = self._connection_state.body = await self._receive_body()
        return self._body

    async def _receive_body(self) -> bytes:
        limit = self.route_handler.resolve_request_max_body_size() or math.inf
        try:
            announced = int(self._header(b"content-length") or 0)
        except ValueError:
            raise ClientException from None
        chunks: list[bytes] = []
        received, more = 0, True
        while more and max(announced, received) <= limit:
            message: Any = await self.receive()
            if message["type"] == "http.disconnect":
                raise ProblemError("bad_request", "The body ended too early.")
            chunks.append(message.get("body", b""))
            received += len(chunks[-1])
            more = message.get("more_body", False)
        if max(announced, received) > limit:
            raise RequestEntityTooLarge
        return b"".join(chunks)

    def _header(self, name: bytes) -> bytes | None:
        return next((value for one, value in self.scope["headers"] if one == name), None)


def decode(body: bytes, kind: type[T]) -> T:
    """A body as a value of this type. Raises ``ProblemError``."""
    try:
        value = cast("T", _decoder(cast("Hashable", kind)).decode(body))
    except msgspec.ValidationError as error:
        wrong = explain(str(error), kind)
        raise ProblemError("invalid_body", f"The body does not fit: {wrong.detail}", errors=[wrong]) from None
    except UnicodeDecodeError:
        raise ProblemError("invalid_utf8", "The body is not valid UTF-8.") from None
    except (msgspec.DecodeError, RecursionError):
        raise ProblemError("malformed_json", "The body is not valid JSON (RFC 8259), or ends too early.") from None
    # What is left as it came (``Raw``) is looked at once it is decoded in its turn.
    if NUL_ESCAPE in body and has_nul(msgspec.to_builtins(value, enc_hook=lambda _raw: None)):
        raise ProblemError("invalid_body", "A text in the body has the character U+0000; leave it out.")
    return value


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast("type[Any]", kind))


def explain(message: str, kind: type[Any]) -> FieldError:
    """What is wrong with which field, from msgspec's message, which may hold values: those are left out."""
    at = AT.fullmatch(message)
    text, path = (message, "") if at is None else (at["text"], at["path"])
    steps = [step["field"] or step["index"] for step in STEP.finditer(path)]
    found = _type_at(kind, steps)
    if unknown := UNKNOWN_FIELD.fullmatch(text):
        if PLAIN_NAME.fullmatch(unknown["name"]):
            steps.append(unknown["name"])
        names = [field.encode_name for field in found.fields] if isinstance(found, msgspec.inspect.StructType) else []
        text = f"There is no such field; there are: {', '.join(sorted(names))}."
    elif missing := MISSING_FIELD.fullmatch(text):
        steps.append(missing["name"])
        text = "This field is required."
    elif text.startswith("Invalid enum value"):
        values = found.values if isinstance(found, msgspec.inspect.LiteralType) else ()
        text = f"Expected one of: {', '.join(map(str, values))}."
    text = in_words(text)
    where = "".join(f"/{step}" for step in steps)
    return FieldError(detail=f"{where[1:].replace('/', '.')}: {text}" if where else text, pointer=f"#{where}")


def _type_at(kind: type[Any], steps: list[str]) -> msgspec.inspect.Type:
    """The type that msgspec expects at the end of a path; the outermost known one where it leads elsewhere."""
    found = _without_null(msgspec.inspect.type_info(kind))
    for step in steps:
        found = next(_inside(found, step), found)
    return found


def _inside(outer: msgspec.inspect.Type, step: str) -> Iterator[msgspec.inspect.Type]:
    match outer:
        case msgspec.inspect.StructType(fields=fields):
            yield from (_without_null(field.type) for field in fields if field.encode_name == step)
        case msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item):
            yield _without_null(item)
        case _:
            pass


def _without_null(found: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """Without what wraps it: the metadata, and the alternative ``null``."""
    match found:
        case msgspec.inspect.Metadata(type=inner):
            return _without_null(inner)
        case msgspec.inspect.UnionType(types=kinds):
            return next(
                (_without_null(kind) for kind in kinds if not isinstance(kind, msgspec.inspect.NoneType)), found
            )
        case _:
            return found
