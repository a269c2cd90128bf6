"""Traces, by OpenTelemetry to wherever the settings say. With no such place nothing is loaded, made or asked."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "secor-notifier"
_CONTEXT = TraceContextTextMapPropagator()
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
        told = "It asks for traces, and what makes them is not installed: pip install 'secor-notifier[tracing]'."
        raise NoTracingError(told) from None


@dataclass(frozen=True)
class Tracing:
    """Makes spans if there is somewhere to send them."""

    provider: "TracerProvider | None" = None

    @classmethod
    def to(cls, url: str) -> "Tracing":
        """Spans are sent there in batches, from a thread of their own; an empty URL is nowhere."""
        return cls(_provider(url)) if url else cls()

    @contextmanager
    def span(self, name: str, **about: str | int | None) -> Iterator[None]:
        """What happens meanwhile belongs together; ids only, and what is not known is not told."""
        if self.provider is None:
            yield
            return
        told = {f"secor.{key}": value for key, value in about.items() if value is not None}
        tracer = self.provider.get_tracer("secor")
        with tracer.start_as_current_span(name, attributes=told, record_exception=False):
            yield

    async def hand_on(self, request: httpx.Request) -> None:
        """The service that is asked goes on with the same trace, if there is one."""
        _CONTEXT.inject(request.headers)

    @property
    def hooks(self) -> dict[str, list[Callable[..., Any]]]:
        """For a client of HTTP."""
        return {} if self.provider is None else {"request": [self.hand_on]}

    async def close(self) -> None:
        """Send what is still to be sent."""
        if self.provider is not None:
            await asyncio.to_thread(self.provider.shutdown)


def _provider(url: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 (only where it is wanted)
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 (as above)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 (as above)
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 (as above)

    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    return provider
