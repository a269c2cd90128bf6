"""What the environment says: `WORKFLOW_…` for this service, `SECOR_…` for both."""

from pathlib import Path

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen settings of one process. A wrong value stops it at start."""

    model_config = SettingsConfigDict(env_prefix="WORKFLOW_", frozen=True, extra="ignore")

    home: Path = Field(default=Path(".run"), validation_alias="SECOR_HOME")
    """Where the embedded database lies."""
    sandbox: bool = Field(default=False, validation_alias="SECOR_SANDBOX")
    """Whether the clock can be set over HTTP. Never in production."""
    database_url: str = ""
    """`sqlite:///path` or `postgresql://user:password@host/name`; by default a SQLite file in `home`."""
    auto_migrate: bool = True
    """Whether `serve` brings the database up to date first."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    sweep_seconds: PositiveFloat = 60.0
    """How often the clock looks for deadlines that are over."""
    max_wait_seconds: PositiveFloat = 30.0
    """The longest long poll."""
    heartbeat_seconds: float = Field(default=14.0, gt=0, le=15)
    """After so long a silence a live stream gives a sign of life; the contract promises one every 15."""
    stall_seconds: PositiveFloat = 30.0
    """A client that for so long takes nothing of what waits for it is cut off."""
    max_body_bytes: PositiveInt = 1024 * 1024
    shutdown_seconds: PositiveInt = 5
    """How long open requests may go on after a stop was asked for."""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'workflow.db'}"
