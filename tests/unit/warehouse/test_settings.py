"""Settings: every one is in `.env.example` with its default, and a wrong one is refused by name."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from warehouse.settings import Settings

EXAMPLE = Path(__file__).parents[3] / ".env.example"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FENQI_HOME")


def example() -> dict[str, str]:
    """Name → value as `.env.example` gives it; an empty value is one that follows from others."""
    return dict(re.findall(r"^#?(FENQI_\w+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    assert sorted(example()) == sorted(f"FENQI_{name.upper()}" for name in Settings.model_fields)


def test_the_example_gives_each_default() -> None:
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        assert example()[f"FENQI_{name.upper()}"] == default


def test_a_setting_without_default_is_commented_out() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, value in example().items():
        assert f"\n{'#' if value == '' else ''}{name}=" in text


def test_every_setting_has_words_above_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    bare = [line for above, line in pairwise(lines) if re.match(r"#?FENQI_", line) and not above.startswith("#")]
    assert bare == []


def test_the_example_as_it_stands_gives_the_defaults() -> None:
    given = Settings(_env_file=EXAMPLE)  # type: ignore[call-arg]  # pydantic-settings' own argument
    assert given == Settings()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FENQI_HOME", str(tmp_path))
    monkeypatch.setenv("FENQI_SHARDS", "16")
    settings = Settings()
    assert (settings.home, settings.shards) == (tmp_path, 16)
    assert settings.feeds_root == tmp_path / "feeds"
    assert settings.lake_url == f"sqlite:///{tmp_path}/lake/catalogue.sqlite"
    assert settings.lake_files == f"{tmp_path}/lake/data"


def test_home_and_feeds_are_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(home=Path("here"), feeds=Path("inbox"))
    assert (settings.home, settings.feeds_root) == (tmp_path / "here", tmp_path / "inbox")


@pytest.mark.parametrize("shards", [0, 3, -8, 8192])
def test_shards_that_are_no_power_of_two_are_refused_by_name(shards: int) -> None:
    with pytest.raises(ValidationError, match="FENQI_SHARDS must be a power of two"):
        Settings(shards=shards)


@pytest.mark.parametrize(("name", "value"), [("FENQI_THREADS", "many"), ("FENQI_DOCS_KEPT_DAYS", "a while")])
def test_a_value_of_the_wrong_type_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("FENQI_").lower()):
        Settings()


def test_keys_do_not_show_in_a_repr() -> None:
    settings = Settings(token_key="c0ffee", vault_key="c0ffee")  # type: ignore[arg-type]  # read as text from the environment
    assert "c0ffee" not in repr(settings)
