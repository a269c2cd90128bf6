"""What the environment says: `WORKFLOW_…` for this service, `SECOR_…` for both."""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt
from pydantic_core import from_json
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from secor_workflow.providers import Provider


def _json_or_file(value: object) -> object:
    """JSON as it stands, or the file that holds it."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return from_json(value)
    try:
        text = Path(value).read_text("utf-8") if value.strip() else "[]"
    except OSError as error:
        raise ValueError(f"the file {value[:200]!r} cannot be read: {error.strerror}") from None
    try:
        return from_json(text)
    except ValueError as error:
        raise ValueError(f"the file {value[:200]!r} is not JSON: {error}") from None


def _each_issuer_once(providers: tuple[Provider, ...]) -> tuple[Provider, ...]:
    if len({provider.issuer for provider in providers}) < len(providers):
        raise ValueError("an issuer is named twice")
    return providers


def _in_capitals(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _listed(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", value):
        raise ValueError("an origin is a scheme and a host, such as https://portal.example.org; there is no wildcard")
    return value


def _traces(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s@]+", value):
        raise ValueError("traces go to an http:// or https:// address, such as http://collector:4318/v1/traces")
    return value


def _consumer(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", value):
        raise ValueError("a consumer has a short name of letters, digits, dots and dashes, such as notifier")
    return value


def _proxies(value: str) -> str:
    for one in value.replace("*", "0.0.0.0/0").replace(",", " ").split():
        try:
            ip_network(one)
        except ValueError:
            raise ValueError(f"{one[:100]} is no address and no network such as 10.0.0.0/8") from None
    return value


def _replica(value: str) -> str:
    if value and not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("a replica is PostgreSQL's: postgresql://user:password@host/name")
    return value


SECRETS_DIR = "SECOR_SECRETS_DIR"
MASKED = "masked"
"""Marks a setting that is never shown whole."""


class Settings(BaseSettings):
    """Frozen settings of one process. A wrong one stops it at start. What stands below each is for operators."""

    model_config = SettingsConfigDict(env_prefix="WORKFLOW_", frozen=True, extra="ignore")

    home: Path = Field(default=Path(".run"), validation_alias="SECOR_HOME")
    """The folder in which the embedded database and the documents lie, if nothing else is said."""
    sandbox: bool = Field(default=False, validation_alias="SECOR_SANDBOX")
    """Whether the clock can be set over HTTP, and keys are of the kind `secor_test_…`. Never in production."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_in_capitals)] = Field(
        default="INFO", validation_alias="SECOR_LOG_LEVEL"
    )
    """How much is logged: with `WARNING`, requests are not."""
    otlp_url: Annotated[str, AfterValidator(_traces)] = Field(default="", validation_alias="SECOR_OTLP_URL")
    """Where traces go, such as `http://collector:4318/v1/traces`; empty: none are made. Needs the extra `tracing`."""
    database_url: Annotated[str, MASKED] = ""
    """`postgresql://user:password@host/name` or `sqlite:///path`; if empty `workflow.db` in `SECOR_HOME`."""
    documents_url: str = ""
    """`file:///folder` or `s3://bucket/prefix` (credentials and endpoint: `AWS_…`); if empty in `SECOR_HOME`."""
    policy_file: Path | None = None
    """The programme's numbers and switches as a TOML file, if not those that come with the program."""
    clamd: str = ""
    """The virus scanner, `host:port` or the path of its socket; empty: none."""
    auto_migrate: bool | None = None
    """Whether a start brings the database up to date. If not said: SQLite and a sandbox yes, PostgreSQL no."""
    replica_url: Annotated[str, MASKED, AfterValidator(_replica)] = ""
    """A standby of a PostgreSQL database: the feed, and cases with `min_position`, are read there if it is so far."""
    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for all of this machine's."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port to listen on."""
    sweep_seconds: PositiveFloat = 60.0
    """How often the clock looks for deadlines that are over."""
    max_wait_seconds: PositiveFloat = 30.0
    """The longest long poll."""
    heartbeat_seconds: float = Field(default=14.0, gt=0, le=15)
    """After so long a silence a live stream gives a sign of life; the contract promises one every 15."""
    stall_seconds: PositiveFloat = 30.0
    """A client that for so long takes nothing of what waits for it is cut off."""
    max_body_bytes: PositiveInt = 1024 * 1024
    """The largest body of a request; documents go by the policy."""
    max_batch_bytes: PositiveInt = 4 * 1024 * 1024
    """The largest batch of commands; a line of it may have as much as a body."""
    max_scorecard_bytes: PositiveInt = 5 * 1024 * 1024
    """The largest spreadsheet that is read as a scorecard; the template has a few thousand."""
    keep_alive_seconds: PositiveInt = 75
    """How long an idle connection is kept: longer than a proxy keeps it (nginx: 60), so that the proxy closes it."""
    drain_seconds: Annotated[float, Field(ge=0, le=600)] | None = None
    """How long a process still takes requests after SIGTERM, while `/readyz` is 503; if not said 5, in a sandbox 0."""
    shutdown_seconds: PositiveInt = 5
    """How long open requests may go on after that."""

    oidc: Annotated[
        tuple[Provider, ...], NoDecode, BeforeValidator(_json_or_file), AfterValidator(_each_issuer_once)
    ] = ()
    """The OpenID providers whose tokens open, as a JSON list or the path of a file with one."""
    rate_per_caller: NonNegativeInt = 60_000
    """Requests of one actor in a minute; 0: no limit. Each process counts for itself."""
    rate_per_address: NonNegativeInt = 120_000
    """Requests from one address in a minute; 0: no limit."""
    failures_per_address: NonNegativeInt = 600
    """Credentials that open nothing, from one address in a minute; 0: no limit."""
    refusals_per_minute: PositiveInt = 100
    """Refusals written in a minute, of strangers and of known callers each; more are only counted."""
    refusals_keep_days: int = Field(default=365, ge=30)
    """How long refusals stay on record; the database itself keeps them for 30 days."""
    people_reads_keep_days: int = Field(default=730, ge=365)
    """How long it stays on record who was shown which person; the database itself keeps it for a year."""
    erasure_consumers: Annotated[
        tuple[Annotated[str, AfterValidator(_consumer)], ...], NoDecode, BeforeValidator(_listed)
    ] = ("notifier",)
    """Who keeps something about people and is to confirm erasures, with commas between."""
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = "127.0.0.1"
    """Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses and networks, with commas between."""
    cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_listed)
    ] = ()
    """The web pages that may call the API from a browser, with commas between; none by default."""
    hsts_seconds: NonNegativeInt = 0
    """How long browsers shall insist on TLS, once it is there; 0: say nothing."""
    max_open_requests: PositiveInt = 2000
    """Requests that may be open at once, live streams among them."""
    max_streams_per_caller: PositiveInt = 500
    """Live streams that one actor may hold open."""
    header_seconds: PositiveFloat = 10.0
    """How long the headers of a request may take to come."""
    body_seconds: PositiveFloat = 20.0
    """How long a body may take to come, however small it is."""
    body_bytes_a_second: PositiveInt = 16 * 1024
    """A body may take a second more for each so many bytes of it."""
    request_seconds: PositiveFloat = 120.0
    """How long an answer may take to begin, once the request is there."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 (settings of every type)
        """Behind the environment stands a folder of files, each named like a variable: for secrets."""
        folder = os.environ.get(SECRETS_DIR) or None
        if folder and not Path(folder).is_dir():
            raise ValueError(f"{SECRETS_DIR}: there is no folder {folder}")
        super().__init__(_secrets_dir=folder, **given)

    @property
    def kind_of_keys(self) -> Literal["live", "test"]:
        return "test" if self.sandbox else "live"

    @property
    def drain(self) -> float:
        """As long as a proxy may take to notice; whoever tries things out has none."""
        if self.drain_seconds is not None:
            return self.drain_seconds
        return 0.0 if self.sandbox else 5.0

    @property
    def migrates(self) -> bool:
        """Where one process has its database to itself, to ask for a step before each start would help nobody."""
        if self.auto_migrate is not None:
            return self.auto_migrate
        return self.sandbox or self.database.startswith("sqlite")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'workflow.db'}"

    @property
    def documents(self) -> str:
        return self.documents_url or (self.home / "documents").resolve().as_uri()
