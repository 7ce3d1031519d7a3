"""Whose trace a request belongs to, with and without OpenTelemetry."""

import json
import sys

import pytest
from litestar import Litestar
from msgspec.structs import replace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from services.http.app import serve
from services.http.examples import ANNA, BEN
from services.logging import configure_logging
from services.operations.tracing import UNTRACED, SpanTracing, Trace, tracing_from_environment
from services.service import Service
from services.settings import SettingsError
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers

pytestmark = pytest.mark.anyio

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
TYPED = "my-typed-words"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        TRACEPARENT.upper(),
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
    ],
)
def test_what_is_no_traceparent(header: str) -> None:
    assert Trace(header).trace_id is None


@pytest.mark.usefixtures("people")
async def test_a_line_of_the_log_finds_the_request(
    client: Client, recorder: Headers, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(as_json=True)
    headers = {**recorder, "traceparent": TRACEPARENT, "X-Request-Id": "mine"}
    receipt = await client.post(
        f"/v1/ledgers/{LEDGER}/favours", json={"giver": ANNA, "receiver": BEN, "what": TYPED}, headers=headers
    )
    await client.get(f"/v1/ledgers/{LEDGER}", headers=recorder)
    told = capsys.readouterr().err
    assert TYPED not in told
    write, read = (json.loads(line) for line in told.splitlines())
    assert write["event"] == "http.request"
    assert (write["request_id"], write["trace_id"], write["ledger"]) == ("mine", TRACE, LEDGER)
    assert write["position"] == receipt.json()["position"]
    assert (read["position"], read["trace_id"]) == (None, None)


@pytest.mark.usefixtures("people")
async def test_spans_tell_of_routes_and_acts(
    app: Litestar, service: Service, client: Client, recorder: Headers
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = SpanTracing(provider)
    serve(app, replace(service, tracing=tracing))
    headers = {**recorder, "traceparent": TRACEPARENT}
    await client.post(
        f"/v1/ledgers/{LEDGER}/favours", json={"giver": ANNA, "receiver": BEN, "what": TYPED}, headers=headers
    )
    await client.post(f"/v1/ledgers/{LEDGER}/favours", json={"giver": ANNA, "receiver": ANNA}, headers=recorder)
    record, request, refused, other = exporter.get_finished_spans()
    assert (record.name, record.attributes) == ("ledger.record", {"act": "favour.record", "ledger": LEDGER})
    assert request.name == "POST /v1/ledgers/{ledger}/favours"
    assert request.kind is SpanKind.SERVER
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 201
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT
    assert record.parent is not None
    assert record.parent.span_id == request.context.span_id
    assert refused.context is not None
    assert other.context is not None
    assert refused.context.trace_id == other.context.trace_id != request.context.trace_id
    assert TYPED not in "".join(span.to_json() for span in (record, request, refused, other))
    tracing.stop()


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tracing_from_environment({}) is UNTRACED
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    traced = tracing_from_environment(endpoint)
    assert isinstance(traced, SpanTracing)
    traced.stop()
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match=r"requite\[otel\]"):
        tracing_from_environment(endpoint)
