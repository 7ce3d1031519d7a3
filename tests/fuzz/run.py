"""A run of the fuzz: so many inputs, spread over the readers by their weights."""

import gc
import pathlib
import random
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from functools import partial

import psutil
from msgspec import Struct

from tests.fuzz.targets import Target, targets

SETTLED_AFTER = 0.2
"""The part of the inputs after which caches are full: memory is compared from there on."""
SLOW_S = 5.0
SHOWN = 3
"""Remarks on one reader."""


class Result(Struct, kw_only=True):
    """What came of it."""

    seed: int
    inputs: int = 0
    refused: int = 0
    tracebacks: int = 0
    slow: int = 0
    """Inputs that took a reader longer than five seconds."""
    memory_growth_mb: float = 0.0
    remarks: list[str]


def run(
    seed: int, inputs: int, *, seconds: float = float("inf"), say: Callable[[str], None] = lambda _line: None
) -> Result:
    """Try them, the same ones for the same seed and number; stop when the time is over."""
    result = Result(seed=seed, remarks=[])
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="requite-fuzz-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a library's remark on bad input is no error of ours
        among = list(targets(pathlib.Path(folder)))
        total = sum(target.weight for target in among)
        counts = [max(1, round(inputs * target.weight / total)) for target in among]
        settled = [round(count * SETTLED_AFTER) for count in counts]
        one = partial(_one_part, among, result, until, say)
        one([(0, count) for count in settled], "warming up")
        before = _memory_mb()
        one([*zip(settled, counts, strict=True)], "measuring memory")
        result.memory_growth_mb = round(_memory_mb() - before, 1)
    return result


def _one_part(
    among: list[Target],
    result: Result,
    until: float,
    say: Callable[[str], None],
    ranges: list[tuple[int, int]],
    name: str,
) -> None:
    say(name)
    for target, (begin, end) in zip(among, ranges, strict=True):
        began, refused, tried = time.monotonic(), result.refused, 0
        for number in range(begin, end):
            if time.monotonic() > until:
                break
            _try(target, number, result)
            tried += 1
        took = time.monotonic() - began
        say(f"  {target.name:32} {tried:9,} inputs, {result.refused - refused:9,} refused, {took:7.1f} s")


def _try(target: Target, number: int, result: Result) -> None:
    given = target.make(random.Random(f"{result.seed}-{target.name}-{number}"))
    began = time.monotonic()
    try:
        target.read(given)
    except target.refuses:
        result.refused += 1
    except Exception as error:  # noqa: BLE001 - that there is none is what is tested
        result.tracebacks += 1
        if sum(remark.startswith(f"{target.name} ") for remark in result.remarks) < SHOWN:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{pathlib.Path(place.filename).name}:{place.lineno}"
            result.remarks.append(f"{target.name} {number}: {type(error).__name__} at {where}: {given[:80]!r}")
    result.inputs += 1
    if (took := time.monotonic() - began) > SLOW_S:
        result.slow += 1
        result.remarks.append(f"{target.name} {number}: took {took:.1f} s: {given[:80]!r}")


def _memory_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6
