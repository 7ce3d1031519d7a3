"""Which parameters a handler takes, itself or by what it depends on, and what they are called in a request."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from litestar.di import Provide
from litestar.enums import ParamType
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
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
    kind: Any
    """The type that its text is turned into, with what is demanded of it."""
    required: bool
    default: Any
    """What it is where it is left out."""


def parameters_of(handler: HTTPRouteHandler) -> tuple[TakenParameter, ...]:
    """All parameters of a handler that say where they stand, as ``Annotated[…, QueryParameter()]`` does."""
    return tuple(_parameters(handler, handler.resolve_dependencies()))


def _parameters(function: HTTPRouteHandler | Provide, dependencies: Mapping[str, Provide]) -> Iterator[TakenParameter]:
    for field, definition in function.parsed_fn_signature.parameters.items():
        kwarg: Any = definition.kwarg_definition
        if field in dependencies:
            yield from _parameters(dependencies[field], dependencies)
        elif isinstance(kwarg, ParameterKwarg):
            yield TakenParameter(
                kwarg.param_type,
                kwarg.name or field,
                field,
                definition.is_non_string_sequence,
                tuple(_choices(definition.annotation)),
                function.signature_model.__annotations__[field],
                not definition.has_default and not definition.is_optional,
                definition.default if definition.has_default else None,
            )


def _choices(kind: Any) -> Iterator[str]:  # noqa: ANN401 - any type there is
    """The words that a type is made of."""
    inner = get_args(kind)
    if get_origin(kind) is Literal:
        yield from map(str, inner)
    else:
        for one in inner:
            yield from _choices(one)
