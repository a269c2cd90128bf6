"""Traces, by OpenTelemetry to wherever the settings say. With no such place nothing is loaded, made or asked."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "secor-workflow"
_SENDS = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


class NoTracingError(ValueError):
    """Traces are wanted, and the libraries for them are not installed."""


def check(url: str) -> None:
    """Raises NoTracingError if traces are wanted, and cannot be made."""
    if not url:
        return
    try:
        import_module(_SENDS)
    except ImportError:
        told = "It asks for traces, and what makes them is not installed: pip install 'secor-workflow[tracing]'."
        raise NoTracingError(told) from None


def begin(url: str) -> "TracerProvider":
    """What makes this process's spans and sends them there, in batches and from a thread of its own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 (only where it is wanted)
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 (as above)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 (as above)
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 (as above)

    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    return provider
