"""A warehouse of its own for a test, and its deliveries."""

from __future__ import annotations

from pathlib import Path

from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.settings import Settings


def settings(home: object) -> Settings:
    return Settings(home=Path(str(home)), shards=8)


def lake(home: object) -> Lake:
    """A lake made and opened under `home`."""
    configured = settings(home)
    load_keys(configured, create=True)
    Lake.create(configured)
    return Lake.open(configured)
