"""What the machine tells the notifier at start: addresses, keys and paths, from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGED_RULES = Path(__file__).parent / "domain" / "rules.toml"


class Settings(BaseSettings):
    """Frozen at start; every name but the two of SECOR has the prefix NOTIFIER_."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_", frozen=True, populate_by_name=True, extra="ignore")

    home: Path = Field(default=Path(".run"), validation_alias=AliasChoices("SECOR_HOME", "home"))
    sandbox: bool = Field(default=False, validation_alias=AliasChoices("SECOR_SANDBOX", "sandbox"))
    database_url: str = Field(default_factory=lambda known: f"sqlite:///{known['home']}/notifier.db")
    auto_migrate: bool = True
    mail_url: SecretStr = Field(default_factory=lambda known: SecretStr(f"file:{known['home']}/mailbox"))
    from_address: str = "secor@notifier.example"
    staff_address: str = "staff@go2hr.example"
    worksafebc_address: str = "cor@worksafebc.example"
    workflow_url: str = "http://127.0.0.1:8000"
    workflow_key: SecretStr = SecretStr("")
    rules: Path = PACKAGED_RULES
    tick_seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    poll_seconds: Annotated[int, Field(ge=0, le=60)] = 20
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8001

    @property
    def tick(self) -> float:
        """Seconds between two looks at what has fallen due; a sandbox's clock jumps, so it looks often."""
        return self.tick_seconds or (1.0 if self.sandbox else 30.0)
