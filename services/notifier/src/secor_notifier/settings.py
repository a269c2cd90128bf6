"""What the machine tells the notifier at start: addresses, keys and paths, from the environment."""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from secor_notifier.domain.letters import SOURCE, languages

PACKAGED_RULES = Path(__file__).parent / "domain" / "rules.toml"
SECRETS_DIR = "SECOR_SECRETS_DIR"
MASKED = "masked"
"""Marks a setting that is never shown whole."""


def traces(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s@]+", value):
        raise ValueError("traces go to an http:// or https:// address, such as http://collector:4318/v1/traces")
    return value


def known_language(tag: str) -> str:
    """One of the languages that there is a catalogue for."""
    if tag not in languages():
        raise ValueError(f"There are no letters in {tag!r}; there are: {', '.join(languages())}.")
    return tag


def in_capitals(given: object) -> object:
    return given.upper() if isinstance(given, str) else given


def by_blanks(given: object) -> object:
    """In the environment several stand one after the other, with blanks or line ends between them."""
    return given.split() if isinstance(given, str) else given


def web_address(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", url):
        raise ValueError("An address begins with http:// or https:// and a host's name.")
    return url


def page_of_a_case(url: str) -> str:
    if "{case_id}" not in web_address(url):
        raise ValueError("The address must have {case_id} in it, where the case's id is to stand.")
    return url


def token_endpoint(url: str) -> str:
    """What is shown there is a secret: nobody on the way may read it."""
    if not re.fullmatch(r"(https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/\S*|)", url):
        raise ValueError("A token endpoint begins with https:// (http:// on this machine alone).")
    return url


def one_address(given: str) -> str:
    if not re.fullmatch(r"[^\s<>@,;]+@[^\s<>@,;]+", given):
        raise ValueError("An e-mail address is written as name@example.com, alone.")
    return given


def proxies(given: str) -> str:
    for one in given.replace("*", "0.0.0.0/0").replace(",", " ").split():
        try:
            ip_network(one)
        except ValueError:
            raise ValueError(f"{one[:100]} is no address and no network such as 10.0.0.0/8.") from None
    return given


WebAddress = Annotated[str, AfterValidator(web_address)]
PageOfACase = Annotated[str, AfterValidator(page_of_a_case)]
OneAddress = Annotated[str, AfterValidator(one_address)]


class Settings(BaseSettings):
    """Frozen at start; every name but those of SECOR has the prefix NOTIFIER_. Below each stands its meaning."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_", frozen=True, populate_by_name=True, extra="ignore")

    home: Path = Field(default=Path(".run"), validation_alias=AliasChoices("SECOR_HOME", "home"))
    """The folder in which the embedded database and the mailbox lie, if nothing else is said."""
    sandbox: bool = Field(default=False, validation_alias=AliasChoices("SECOR_SANDBOX", "sandbox"))
    """Whether the clock can be set over HTTP, and keys are of the kind `secor_test_…`. Never in production."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(in_capitals)] = Field(
        default="INFO", validation_alias=AliasChoices("SECOR_LOG_LEVEL", "log_level")
    )
    """How much is logged: with `WARNING`, requests are not."""
    otlp_url: Annotated[str, AfterValidator(traces)] = Field(
        default="", validation_alias=AliasChoices("SECOR_OTLP_URL", "otlp_url")
    )
    """Where traces go, such as `http://collector:4318/v1/traces`; empty: none are made. Needs the extra `tracing`."""
    database_url: Annotated[str, MASKED] = Field(default_factory=lambda known: f"sqlite:///{known['home']}/notifier.db")
    """`postgresql://user:password@host/name` or `sqlite:///path`."""
    auto_migrate: bool | None = None
    """Whether a start brings the database up to date. If not said: SQLite and a sandbox yes, PostgreSQL no."""
    mail_url: SecretStr = Field(default_factory=lambda known: SecretStr(f"file:{known['home']}/mailbox"))
    """How letters leave: `smtp://user:password@host:587?starttls=1`, `smtps://…`, or `file:/folder`."""
    from_address: OneAddress = "secor@notifier.example"
    """The sender of all letters. The default is nobody's."""
    staff_address: OneAddress = "staff@go2hr.example"
    """go2HR's inbox. The default is nobody's."""
    staff_targets: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(by_blanks)] = ()
    """Where staff are told besides mail: Apprise URLs (Slack, Teams, …), with blanks between."""
    worksafebc_address: OneAddress = "cor@worksafebc.example"
    """WorkSafeBC's inbox. The default is nobody's."""
    staff_phone: str | None = None
    """go2HR's telephone number, for letters."""
    case_url: PageOfACase | None = None
    """The page of a case in your portal, for letters; has `{case_id}` in it."""
    locale: Annotated[str, AfterValidator(known_language)] = SOURCE
    """The language of letters; there must be a [catalogue](letters.md)."""
    workflow_url: WebAddress = "http://127.0.0.1:8000"
    """Where the workflow answers."""
    workflow_key: SecretStr = SecretStr("")
    """The notifier's key of the workflow; must be given, unless `NOTIFIER_TOKEN_URL` is."""
    token_url: Annotated[str, AfterValidator(token_endpoint)] = ""
    """Instead of a key: the token endpoint of an OpenID provider. See [Sign in](how-to/sign-in-with-oidc.md)."""
    client_id: str = ""
    """With `NOTIFIER_TOKEN_URL`: as whom the notifier comes there."""
    client_secret: SecretStr = SecretStr("")
    """With `NOTIFIER_TOKEN_URL`: the secret it shows there."""
    token_scope: str = ""
    """With `NOTIFIER_TOKEN_URL`: the scope it asks for, if the provider wants one."""
    package_url: PageOfACase = Field(
        default_factory=lambda known: f"{known['workflow_url'].rstrip('/')}/v1/cases/{{case_id}}/worksafebc-package.zip"
    )
    """Where WorkSafeBC fetches documents that are too large for a letter; has `{case_id}` in it."""
    rules: Path = PACKAGED_RULES
    """Who gets which letter when, as a TOML file, if not the one that comes with the program."""
    tick_seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    """How often it looks for what has fallen due; if not said 30, in a sandbox 1."""
    poll_seconds: Annotated[int, Field(ge=0, le=60)] = 20
    """How long it waits at the workflow's feed for something new."""
    lease_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    """How long a notifier that sends may stay silent before another one takes its letters over."""
    dsn_maildir: Path | None = None
    """A maildir into which the mail system puts delivery status notifications; each is read once."""
    secret: SecretStr = SecretStr("")
    """Webhook secrets and links are derived from it; if empty one is made at the first start. Refused if it changes."""
    webhooks_anywhere: bool = Field(default_factory=lambda known: bool(known["sandbox"]))
    """Whether webhooks may go to `http://` and private addresses. Never in production."""
    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for all of this machine's."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8001
    """The port to listen on."""
    public_url: WebAddress = Field(default_factory=lambda known: f"http://{known['host']}:{known['port']}")
    """The notifier's address for the outside, in links of calendars and of "no more reminders"."""
    trusted_proxies: Annotated[str, AfterValidator(proxies)] = "127.0.0.1"
    """Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses and networks, with commas between."""
    hsts_seconds: NonNegativeInt = 0
    """How long browsers shall insist on TLS, once it is there; 0: say nothing."""
    max_open_requests: PositiveInt = 500
    """Requests that may be open at once."""
    header_seconds: PositiveFloat = 10.0
    """How long the headers of a request may take to come."""
    body_seconds: PositiveFloat = 20.0
    """How long a body may take to come."""
    keep_alive_seconds: PositiveInt = 75
    """How long an idle connection is kept: longer than a proxy keeps it (nginx: 60), so that the proxy closes it."""
    drain_seconds: Annotated[float, Field(ge=0, le=600)] | None = None
    """How long a process still takes requests after SIGTERM, while `/readyz` is 503; if not said 5, in a sandbox 0."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 (settings of every type)
        """Behind the environment stands a folder of files, each named like a variable: for secrets."""
        folder = os.environ.get(SECRETS_DIR) or None
        if folder and not Path(folder).is_dir():
            raise ValueError(f"{SECRETS_DIR}: there is no folder {folder}")
        super().__init__(_secrets_dir=folder, **given)

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
        return self.sandbox or self.database_url.startswith("sqlite")

    @property
    def tick(self) -> float:
        """Seconds between two looks at what has fallen due; a sandbox's clock jumps, so it looks often."""
        return self.tick_seconds or (1.0 if self.sandbox else 30.0)
