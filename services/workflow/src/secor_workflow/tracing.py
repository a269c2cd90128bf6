"""Traces, by OpenTelemetry to wherever the settings say. With no such place nothing is loaded, made or asked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "secor-workflow"


class NoTracingError(RuntimeError):
    """Traces are wanted, and the libraries for them are not installed."""


def begin(url: str) -> "TracerProvider":
    """What makes this process's spans and sends them there, in batches and from a thread of its own."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 (only where it is wanted)
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 (as above)
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 (as above)
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 (as above)
    except ImportError as error:
        raise NoTracingError("SECOR_OTLP_URL asks for traces: install secor-workflow[tracing].") from error
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    return provider
