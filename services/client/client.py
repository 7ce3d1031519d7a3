"""The clients: where the service is, with which access key, and how patiently."""

from typing import Self

import httpx

from services.client.async_calls import AsyncLedger, AsyncOutside
from services.client.attempts import PATIENT, Retries
from services.client.calls import Ledger, Outside
from services.client.transport import TIMEOUT, AsyncTransport, Transport, http_options


class Client(Outside):
    """Requite, called from threads. Close it, or use it as a context manager; threads may share it.

    ``address`` is the service's (``http://127.0.0.1:8080``), ``key`` an access key. ``transport`` takes the place of
    httpx's own, say one that goes over a Unix socket.
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout: httpx.Timeout | float = TIMEOUT,
        retries: Retries = PATIENT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        http = httpx.Client(**http_options(address, key, timeout), transport=transport)
        super().__init__(Transport(http, retries))

    def ledger(self, name: str) -> Ledger:
        """All that can be asked of and recorded in a ledger; nothing is sent as yet."""
        return Ledger(self._transport, name)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(AsyncOutside):
    """Requite, awaited. Close it, or use it as a context manager; tasks of one loop may share it.

    The parameters are those of ``Client``.
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout: httpx.Timeout | float = TIMEOUT,
        retries: Retries = PATIENT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        http = httpx.AsyncClient(**http_options(address, key, timeout), transport=transport)
        super().__init__(AsyncTransport(http, retries))

    def ledger(self, name: str) -> AsyncLedger:
        """All that can be asked of and recorded in a ledger; nothing is sent as yet."""
        return AsyncLedger(self._transport, name)

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
