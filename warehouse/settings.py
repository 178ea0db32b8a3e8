"""Configuration: environment variables with the prefix `FENQI_`, each one listed in `.env.example`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are, how large they may grow, which policy and model decide."""

    model_config = SettingsConfigDict(env_prefix="FENQI_", env_file=".env", extra="ignore")

    home: Path = Path("var")
    """Everything the system writes lies under this folder."""
    feeds: Path | None = None
    """Root of the deliveries; default `<home>/feeds`."""
    lake: str | None = None
    """URL of the lake's catalogue; default `sqlite:///<home>/lake/catalogue.sqlite`."""
    lake_data: str | None = None
    """Folder of the lake's files; default `<home>/lake/data`."""
    shards: int = 64
    """Number of customer shards, a power of two; fixed when the warehouse is created."""
    shards_at_once: int | None = None
    """How many shards are in memory at the same time; by default as many as hold 50,000 customers."""
    timezone: str = "Asia/Shanghai"
    """Time zone of the business calendar."""
    currency: str = "CNY"
    """ISO 4217 code of the one currency of the warehouse; every `_cents` column is its hundredth."""
    policy: str = "cn/bank_card"
    """The policy that decides: a file under `warehouse/reference/policies` without its ending, or a path."""
    scorecard: str | None = None
    """A scorecard that decides whatever is promoted: a file under `warehouse/reference/scorecards` without its ending,
    or a path; by default the promoted one, and `expert_v1` until there is one."""
    token_key: SecretStr | None = None
    """Key of the identifiers' tokens, hexadecimal; or see `token_key_file`."""
    token_key_file: Path | None = None
    """File with that key; default `<home>/keys/token.key`."""
    vault_key: SecretStr | None = None
    """Key of the vault of originals, hexadecimal; or see `vault_key_file`."""
    vault_key_file: Path | None = None
    """File with that key; default `<home>/keys/vault.key`."""
    memory_limit: str = "4GB"
    """DuckDB's memory limit for one night."""
    threads: int | None = None
    """DuckDB's threads; default one per core."""
    checkpoint_from_rows: int = 2_000_000
    """A feed with so many rows in its longest window is read through tiles and checkpoints; a smaller one as it is."""
    schedule: str = "0 2 * * *"
    """Cron line of the nightly run in `timezone`; the tick of the 10th runs the 9th."""
    first_date: str = "2024-01-01"
    """First business date the nights' partitions start with."""
    docs_kept_days: int = 90
    """How long pages of past nights stay in the data docs."""

    @field_validator("shards")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value < 1 or value > 4096 or value & (value - 1):
            raise ValueError("FENQI_SHARDS must be a power of two between 1 and 4096")
        return value

    @model_validator(mode="after")
    def _absolute_home(self) -> Self:
        self.home = self.home.expanduser().absolute()
        return self

    @property
    def feeds_root(self) -> Path:
        """Where deliveries are looked for."""
        return self.feeds.expanduser().absolute() if self.feeds else self.home / "feeds"

    @property
    def lake_url(self) -> str:
        """URL of the catalogue."""
        return self.lake or f"sqlite:///{self.home / 'lake' / 'catalogue.sqlite'}"

    @property
    def lake_files(self) -> str:
        """Folder (or object-store prefix) of the lake's files."""
        return self.lake_data or str(self.home / "lake" / "data")

    def now(self) -> datetime:
        """The clock, for stamps on runs and messages only; no figure depends on it."""
        return datetime.now(ZoneInfo(self.timezone))
