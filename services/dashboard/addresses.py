"""Addresses of figures and events: those of the API, and where the pages show the same."""

import re
from collections.abc import Callable

Address = Callable[[str], str]
KNOWN = re.compile(r"/v1/ledgers/[^/]+/(promises/audit|promises/|events/|log/proof/inclusion/)(.*)")
PATHS = {"promises/audit": "/promises", "promises/": "/promises/", "events/": "/log/", "log/proof/inclusion/": "/log/"}


def at_home(address: str) -> str:
    """Where the pages show what an address of the API answers."""
    found = KNOWN.fullmatch(address)
    return address if found is None else PATHS[found[1]] + found[2]


def to_print(address: str) -> str:
    """The API's own address, as a page where it has one."""
    return f"{address}&format=html" if "/promises/audit?" in address else address
