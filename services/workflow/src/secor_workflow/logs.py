"""The one way of logging: a JSON object a line on standard error, or for a person at a terminal a line to read.

Records of libraries go the same way as ours, and nothing leaves it unredacted, tracebacks included.
"""

import contextlib
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.types import EventDict, Processor, WrappedLogger

from secor_workflow.redaction import redacted, tellable

OURS = "secor_workflow"
QUOTING = ("asyncpg", "pydantic_core", "sqlalchemy")
"""Whose errors quote the data that they are about: of these the kind is told, and not what they say."""
SHORT = 12
"""So many letters of such an error say nothing, and may well stand elsewhere."""
FIRST = ("time", "level", "event", "logger")
WHO = ("request_id", "actor_id")
"""What a line says of a request in words that are not ours."""
TALKATIVE = ("alembic", "httpx")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

request: ContextVar[Mapping[str, Any]] = ContextVar("request")
"""The ASGI scope of the request that is being answered."""
about: ContextVar[Mapping[str, str | int]] = ContextVar("about")
"""What the lines are about from here on, be it a request's or the clock's: ids and positions, nothing else."""
_NOTHING: Mapping[str, str | int] = {}


def _of_the_request(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Who asks for what, as far as that is known by now."""
    for name, value in about.get(_NOTHING).items():
        line.setdefault(name, value)
    if scope := request.get(None):
        line.setdefault("request_id", scope.get("request_id"))
        if actor := scope.get("actor"):
            line.setdefault("actor_id", actor.id)
        case_id = str(scope.get("path_params", {}).get("case_id"))
        if UUID.fullmatch(case_id):  # anything else is what somebody typed
            line.setdefault("case_id", case_id)
    return line


def _with_traceback(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    found = line.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["exception"] = _unquoted("".join(traceback.format_exception(error)), error)
        line["event"] = _unquoted(str(line["event"]), error)  # asyncio's words hold what it is about once more
    return line


def _unquoted(text: str, error: BaseException) -> str:
    """The same text without what such errors say, line by line as a traceback may indent them."""
    for one in _all_of(error, set()):
        if type(one).__module__.partition(".")[0] in QUOTING:
            for said in (repr(one), *map(str.strip, str(one).splitlines())):
                text = text.replace(said, "[left out]") if len(said) > SHORT else text
    return text


def _all_of(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """The error, and all from which it came."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    group = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (error.__cause__, error.__context__, *group):
        yield from _all_of(other, seen)


def _redacted(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    told: EventDict = tellable(line)
    return {**{name: told.pop(name) for name in FIRST if name in told}, **told}


_SHARED: tuple[Processor, ...] = (
    _of_the_request,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)
structlog.configure(  # here, so that no program of ours can forget it and print to standard output
    processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def tell_at_once(module: logging.Logger, event: str, **ours: str | float) -> bool:
    """A line that comes with every request, straight to where all lines go; its `ours` are words and numbers of ours.

    Says the same as `logger(…).info` in a tenth of the time; False if that is to say it.
    """
    if not module.isEnabledFor(logging.INFO):
        return True
    outlet = next(iter(logging.root.handlers), None)
    if not isinstance(outlet, _Outlet) or outlet.for_a_person:
        return False
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    who = _of_the_request(None, "info", {})
    for name in WHO:
        if name in who:
            who[name] = redacted(who[name])
    line = {"time": now, "level": "info", "event": event, "logger": module.name, **who, **ours}
    text = to_json(line).decode()
    outlet.put(text if text.isascii() else json.dumps(line))
    return True


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Says what happened as a short event, and the rest as fields: `log.info("sent", reminder_id=…)`."""
    made: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return made


def begin(level: str = "INFO") -> None:
    """Everything that is logged in this process from now on goes one way, and what nobody caught too."""
    at_terminal = sys.stderr.isatty()
    plain = structlog.dev.plain_traceback
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=plain, timestamp_key="time")
        if at_terminal
        else structlog.processors.JSONRenderer()
    )
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _with_traceback, _redacted, renderer]
    handler = _Outlet(for_a_person=at_terminal)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.INFO, logging.getLevelName(level)))  # drivers write values into their finer records
    logging.getLogger(OURS).setLevel(level)
    for library in TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _nobody_caught
    threading.excepthook = lambda args: _nobody_caught(args.exc_type, args.exc_value, args.exc_traceback)


class _Outlet(logging.StreamHandler[Any]):
    """Standard error. A record that cannot be put into words is told of without its words."""

    def __init__(self, *, for_a_person: bool) -> None:
        super().__init__()
        self.for_a_person = for_a_person

    def put(self, line: str) -> None:
        """A line that is whole and may be told."""
        with contextlib.suppress(OSError, ValueError), self.lock or contextlib.nullcontext():
            self.stream.write(line + "\n")
            self.stream.flush()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the library's name)
        with contextlib.suppress(Exception):
            self.stream.write(f'{{"event": "a record could not be written", "logger": "{redacted(record.name)}"}}\n')


def _nobody_caught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger(__name__).critical("nobody caught this", exc_info=error)
