"""A rolling restart, as a deployment does it, fails no request."""

import asyncio

import pytest

from tests.rollout.conftest import Site

pytestmark = pytest.mark.anyio


async def test_no_request_fails_and_nothing_is_lost_or_doubled(site: Site) -> None:
    await asyncio.gather(*map(site.start, site.addresses))
    async with site.under_load():
        for address in site.addresses:
            await site.stop(address)
            await site.start(address)
