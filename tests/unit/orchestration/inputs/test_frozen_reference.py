"""Freezing a reference of a published night, and the nights that are held against it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.inputs.frozen_reference import freeze_reference, frozen_reference, model_digest, reference_path
from tests.unit.transforms.monitoring.test_score_bins import card
from tests.unit.transforms.outputs import drift_bin
from transforms.monitoring.drift import bin_counts, score_cuts
from transforms.risk.measures import psi_by_bin
from warehouse.contract import load_contract
from warehouse.frames import register
from warehouse.lake import Lake
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = date(2026, 3, 31)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A lake with one night's scores and bins, as publication leaves them."""
    made = Settings(home=tmp_path / "home")
    Lake.create(made)
    scores = [400 + n for n in range(200)]
    columns = {v.column for v in card().variables} | {v.over for v in card().variables if v.over}
    profile = pl.DataFrame(dict.fromkeys(sorted(columns), [1] * len(scores)))
    risk = pl.DataFrame({"score": scores}, schema={"score": pl.Int32})
    bins = drift_bin([bin_counts(profile, risk, card(), score_cuts(card(), None))], card(), None, NIGHT)
    with Lake.open(made) as lake:
        register(lake.con, "bins", bins)
        lake.con.execute("INSERT INTO lake.monitoring.drift_bin BY NAME SELECT * FROM bins")
        present = {"as_of_date", "model_version", "score"}
        rest = {
            name: {"DOUBLE": "0.5", "INTEGER": "1", "BIGINT": "1", "SMALLINT": "1", "BOOLEAN": "false"}.get(
                type_, "'x'"
            )
            for name, type_ in load_contract("risk.risk_assessment").lake_columns()
            if name not in present | {"customer_token"} and not type_.endswith("[]") and "STRUCT" not in type_
        }
        more = ", ".join(f"{value} AS {name}" for name, value in rest.items())
        register(lake.con, "scores", risk)
        lake.con.execute(
            f"INSERT INTO lake.risk.risk_assessment BY NAME SELECT DATE '{NIGHT}' AS as_of_date, "
            f"uuid() AS customer_token, '{card().version}' AS model_version, score, {more} FROM scores"
        )
    return made


def test_a_frozen_night_has_no_drift_against_itself(settings: Settings) -> None:
    path = freeze_reference(settings, card(), NIGHT, 'first "whole" month')
    assert path == reference_path(settings, card())
    reference = frozen_reference(settings, card(), NIGHT)
    assert reference is not None
    assert reference.counts["score"] == (20,) * 10
    assert psi_by_bin([20] * 10, reference.counts["score"]).sum() == 0
    assert all(sum(counts) == 200 for counts in reference.counts.values())


def test_nights_before_it_know_nothing_of_it(settings: Settings) -> None:
    freeze_reference(settings, card(), NIGHT, "start")
    before = NIGHT - timedelta(days=1)
    assert frozen_reference(settings, card(), before) is None
    assert model_digest("d", settings, card(), before) == "d"
    assert model_digest("d", settings, card(), NIGHT) != "d"


def test_it_is_frozen_once_of_a_published_night_and_with_a_reason(settings: Settings) -> None:
    with pytest.raises(ValueError, match="no night of 2026-03-01"):
        freeze_reference(settings, card(), date(2026, 3, 1), "start")
    with pytest.raises(ValueError, match="a reason is needed"):
        freeze_reference(settings, card(), NIGHT, " ")
    freeze_reference(settings, card(), NIGHT, "start")
    with pytest.raises(ValueError, match="is there already"):
        freeze_reference(settings, card(), NIGHT, "again")


def test_the_command_freezes_for_the_model_that_decides(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No scorecard is named in the settings: the champion's is the one."""
    monkeypatch.setenv("FENQI_HOME", str(settings.home))
    told = CliRunner().invoke(app, ["freeze-reference", "--date", str(NIGHT), "--reason", "start", "--json"])
    assert told.exit_code == 0, told.output
    assert frozen_reference(settings, card(), NIGHT) is not None
