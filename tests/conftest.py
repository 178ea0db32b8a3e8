"""What every test stands on: an environment of its own, hypothesis profiles, and skips that say why.

It runs before any module of ours is imported, because some read the configuration when they are.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).parents[1].parent / "shared"
CHROMIUM = Path("/usr/bin/chromium")

# Nothing of the developer's own warehouse, Dagster instance or `.env` reaches a test, and nothing calls home.
for name in [n for n in os.environ if n.startswith(("FENQI_", "DAGSTER_"))]:
    del os.environ[name]
_HOME = tempfile.TemporaryDirectory(prefix="fenqi-test-", ignore_cleanup_errors=True)
os.environ.update(FENQI_HOME=_HOME.name, DAGSTER_DISABLE_TELEMETRY="yes", GX_ANALYTICS_ENABLED="false")
# Two workers have two cores, and frames of a few rows gain nothing by threads; nights run as users run them.
os.environ["POLARS_MAX_THREADS"] = "1"

from warehouse.settings import Settings  # noqa: E402 - after the environment is clean

Settings.model_config["env_file"] = None

# `ci` draws the same examples each time; `thorough` looks for new ones: HYPOTHESIS_PROFILE=thorough make test
settings.register_profile(
    "ci", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_NEEDS = {
    "shared": (SHARED, f"the real public data is not beside the checkout ({SHARED})"),
    "browser": (CHROMIUM, f"no Chromium at {CHROMIUM}: make apt-deps installs it"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker, (path, reason) in _NEEDS.items():
            if item.get_closest_marker(marker) and not path.exists():
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_unconfigure() -> None:
    _HOME.cleanup()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real public data; skips where it is absent."""
    path, reason = _NEEDS["shared"]
    if not path.exists():
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser for tests that drive the real UI; skips where it is absent."""
    path, reason = _NEEDS["browser"]
    if not path.exists():
        pytest.skip(reason)
    return path
