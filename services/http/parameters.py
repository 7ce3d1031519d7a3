"""Which parameters a handler takes, itself or by what it depends on, and what they are called in a request."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from litestar.di import Provide
from litestar.enums import ParamType
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.utils.signature import ParsedSignature
from msgspec import Struct


class TakenParameter(Struct, frozen=True):
    """A parameter: where it stands in a request, its name there, and the name that the code has for it."""

    place: ParamType
    name: str
    field: str
    many: bool
    """Whether it may be given again."""
    choices: tuple[str, ...]
    """What it may be; empty where that is more than some words."""


def parameters_of(handler: HTTPRouteHandler) -> tuple[TakenParameter, ...]:
    """All parameters of a handler that say where they stand, as ``Annotated[…, QueryParameter()]`` does."""
    return tuple(_parameters(handler.parsed_fn_signature, handler.resolve_dependencies()))


def _parameters(signature: ParsedSignature, dependencies: Mapping[str, Provide]) -> Iterator[TakenParameter]:
    for field, definition in signature.parameters.items():
        kwarg: Any = definition.kwarg_definition
        if field in dependencies:
            yield from _parameters(dependencies[field].parsed_fn_signature, dependencies)
        elif isinstance(kwarg, ParameterKwarg):
            yield TakenParameter(
                kwarg.param_type,
                kwarg.name or field,
                field,
                definition.is_non_string_sequence,
                tuple(_choices(definition.annotation)),
            )


def _choices(kind: Any) -> Iterator[str]:  # noqa: ANN401 - any type there is
    """The words that a type is made of."""
    inner = get_args(kind)
    if get_origin(kind) is Literal:
        yield from map(str, inner)
    else:
        for one in inner:
            yield from _choices(one)
