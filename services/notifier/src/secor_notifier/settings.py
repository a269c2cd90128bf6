"""What the machine tells the notifier at start: addresses, keys and paths, from the environment."""

import os
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


class Settings(BaseSettings):
    """Frozen at start; every name but the two of SECOR has the prefix NOTIFIER_."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_", frozen=True, populate_by_name=True, extra="ignore")

    home: Path = Field(default=Path(".run"), validation_alias=AliasChoices("SECOR_HOME", "home"))
    sandbox: bool = Field(default=False, validation_alias=AliasChoices("SECOR_SANDBOX", "sandbox"))
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(in_capitals)] = Field(
        default="INFO", validation_alias=AliasChoices("SECOR_LOG_LEVEL", "log_level")
    )
    database_url: str = Field(default_factory=lambda known: f"sqlite:///{known['home']}/notifier.db")
    auto_migrate: bool = True
    mail_url: SecretStr = Field(default_factory=lambda known: SecretStr(f"file:{known['home']}/mailbox"))
    from_address: str = "secor@notifier.example"
    staff_address: str = "staff@go2hr.example"
    staff_targets: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(by_blanks)] = ()
    worksafebc_address: str = "cor@worksafebc.example"
    staff_phone: str | None = None
    case_url: Annotated[str, Field(pattern=r"^https?://\S*\{case_id\}\S*$")] | None = None
    locale: Annotated[str, AfterValidator(known_language)] = SOURCE
    workflow_url: str = "http://127.0.0.1:8000"
    workflow_key: SecretStr = SecretStr("")
    token_url: Annotated[str, Field(pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/\S*|)$")] = (
        ""
    )
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    token_scope: str = ""
    package_url: Annotated[str, Field(pattern=r"^https?://\S*\{case_id\}\S*$")] = Field(
        default_factory=lambda known: f"{known['workflow_url'].rstrip('/')}/v1/cases/{{case_id}}/worksafebc-package.zip"
    )
    rules: Path = PACKAGED_RULES
    tick_seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    poll_seconds: Annotated[int, Field(ge=0, le=60)] = 20
    lease_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    dsn_maildir: Path | None = None
    secret: SecretStr = SecretStr("")
    webhooks_anywhere: bool = Field(default_factory=lambda known: bool(known["sandbox"]))
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8001
    public_url: str = Field(default_factory=lambda known: f"http://{known['host']}:{known['port']}")

    trusted_proxies: str = "127.0.0.1"
    hsts_seconds: NonNegativeInt = 0
    max_open_requests: PositiveInt = 500
    header_seconds: PositiveFloat = 10.0
    body_seconds: PositiveFloat = 20.0

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 (settings of every type)
        """Behind the environment stands a folder of files, each named like a variable: for secrets."""
        folder = os.environ.get("SECOR_SECRETS_DIR") or None
        if folder and not Path(folder).is_dir():
            raise ValueError(f"SECOR_SECRETS_DIR: there is no folder {folder}")
        super().__init__(_secrets_dir=folder, **given)

    @property
    def tick(self) -> float:
        """Seconds between two looks at what has fallen due; a sandbox's clock jumps, so it looks often."""
        return self.tick_seconds or (1.0 if self.sandbox else 30.0)
