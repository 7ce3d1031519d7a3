"""Logs: for people on a terminal, else a JSON object a line, to standard error; never what a person typed."""

import asyncio
import json
import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.settings import LOG_LEVELS

PLACES = 20
"""How many of the last places of an exception are logged."""


def configure_logging(level: str = "info", *, as_json: bool | None = None) -> None:
    """Set up structlog; ``level`` is one of ``LOG_LEVELS``. ``as_json``: unless standard error is a terminal."""
    assert level in LOG_LEVELS
    is_json = not sys.stderr.isatty() if as_json is None else as_json
    renderer: Processor = structlog.processors.JSONRenderer(_to_json) if is_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            show_places_only,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=StandardError,
        cache_logger_on_first_use=False,
    )


def _to_json(event: EventDict, *, default: Callable[[Any], Any]) -> str:
    """A line. Each request writes one, and msgspec does it in a fifth of json's time, but does not take everything."""
    try:
        return msgspec.json.encode(event, enc_hook=default).decode()
    except (TypeError, ValueError, OverflowError):
        return json.dumps(event, default=default)


class StandardError:
    """Standard error as it is at the time. A line that cannot be written is lost: nobody's order fails for a log."""

    def msg(self, line: str) -> None:
        """Write a line, where that can be done."""
        with suppress(OSError, ValueError):  # nobody reads the pipe any more, the disk is full; it was closed
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg  # structlog calls what a line's level is called


def show_places_only(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Where a call gave ``exc_info``, log what ``describe`` says instead of a traceback with texts and values."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event.update(describe(error))
    return event


def log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What an event loop has nobody else to tell: one line as well, instead of asyncio's traceback with its texts."""
    error = context.get("exception")
    structlog.get_logger().error("loop.error", **({} if error is None else describe(error)))


def describe(error: BaseException) -> dict[str, Any]:
    """An exception's class and the places it went through, without its text: that may hold what a person typed."""
    frames = traceback.extract_tb(error.__traceback__, limit=-PLACES)
    return {
        "error": type(error).__name__,
        "places": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
