"""Which trace a request belongs to, and OpenTelemetry spans, where ``requite[otel]`` knows where to send them.

The standard variables apply (``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` and so
on). Without an endpoint nothing is imported and nothing measured. Spans hold what the log holds: routes, acts and
codes, no words.
"""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from services.settings import SettingsError

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
"""W3C Trace Context, 3.2: version, trace id, parent id and flags."""


class Trace:
    """A request within its trace; ``trace_id`` is the caller's, where it sent one."""

    def __init__(self, traceparent: str) -> None:
        found = TRACEPARENT.fullmatch(traceparent)
        self.trace_id: str | None = None if found is None else found[1]

    def end(self, method: str, route: str, status: int) -> None:
        """The request was answered."""


class Tracing:
    """Begins traces and spans; this one measures nothing."""

    def begin(self, headers: Mapping[bytes, bytes]) -> Trace:
        """The trace of a request with these headers, by their names in lower case."""
        return Trace(headers.get(b"traceparent", b"").decode("latin-1"))

    @contextlib.contextmanager
    def span(self, name: str, **attributes: str) -> Iterator[None]:  # noqa: ARG002 - what others measure
        """A part of the request that is under way."""
        yield

    def stop(self) -> None:
        """Send what was measured."""


UNTRACED = Tracing()


class _SpanTrace(Trace):
    def __init__(self, tracer: Any, headers: Mapping[str, str]) -> None:  # noqa: ANN401 - of an extra
        from opentelemetry import context, propagate, trace  # noqa: PLC0415 - an extra

        super().__init__("")
        parent = propagate.extract(headers)
        self._span = tracer.start_span("request", context=parent, kind=trace.SpanKind.SERVER)
        self._token = context.attach(trace.set_span_in_context(self._span, parent))
        self.trace_id = trace.format_trace_id(self._span.get_span_context().trace_id)

    def end(self, method: str, route: str, status: int) -> None:
        from opentelemetry import context, trace  # noqa: PLC0415 - an extra

        context.detach(self._token)
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        )
        if status >= 500:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class SpanTracing(Tracing):
    """Measures spans, and gives them to a provider of OpenTelemetry's."""

    def __init__(self, provider: Any) -> None:  # noqa: ANN401 - of an extra
        self._provider = provider
        self._tracer = provider.get_tracer("requite", version("requite"))

    def begin(self, headers: Mapping[bytes, bytes]) -> Trace:
        """A span for a request, in the trace that it names or one of its own."""
        texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        return _SpanTrace(self._tracer, texts)

    @contextlib.contextmanager
    def span(self, name: str, **attributes: str) -> Iterator[None]:
        """A span within that of the request."""
        with self._tracer.start_as_current_span(name, attributes=attributes, record_exception=False):
            yield

    def stop(self) -> None:
        """Send what was measured and not sent as yet."""
        self._provider.shutdown()


def tracing_from_environment(environment: Mapping[str, str] | None = None) -> Tracing:
    """What the environment asks for. Raises ``SettingsError`` where it asks for what is not installed."""
    variables = os.environ if environment is None else environment
    if not any(variables.get(name) for name in ENDPOINTS):
        return UNTRACED
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same
    except ModuleNotFoundError:
        raise SettingsError(f"{ENDPOINTS[0]} asks for traces; they need: pip install 'requite[otel]'") from None
    about = {"service.name": variables.get("OTEL_SERVICE_NAME", "requite"), "service.version": version("requite")}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return SpanTracing(provider)
