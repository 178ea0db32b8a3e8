"""A card learned from stored nights, judged out of time on customers it does not know, and registered.

Nights are dear, so the stored ones are written as if they had been published: what is tested is what reads them.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.contract import load_contract
from warehouse.frames import register
from warehouse.keys import load_keys
from warehouse.lake import Lake, LakeMissingError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("lightgbm", reason="the train extra is not installed (make train-extra)")

NIGHTS = [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)]
KNOWN = date(2025, 9, 30)
CUSTOMERS = 800
_FILLED = {
    "VARCHAR": "''",
    "UUID": "uuid()",
    "DATE": "DATE '2024-01-01'",
    "BOOLEAN": "false",
    "TIMESTAMP": "now()::TIMESTAMP",
}


def put(lake: Lake, table: str, rows: pl.DataFrame) -> None:
    """Rows of a table; what they do not say is empty, or nothing in particular where it must not be empty."""
    contract = load_contract(table)
    required = {c.lake_name for c in contract.columns if c.required or c.key_position}
    missing = [(n, t) for n, t in contract.lake_columns() if n not in rows.columns and n in required]
    filled = ", ".join(f'{"[]" if t.endswith("[]") else _FILLED.get(t, "0")}::{t} AS "{n}"' for n, t in missing)
    register(lake.con, "made", rows)
    lake.con.execute(f"INSERT INTO lake.{table} BY NAME SELECT *{', ' + filled if filled else ''} FROM made")
    lake.con.unregister("made")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of three stored nights; who owes much of their income defaults more often, later."""
    home = tmp_path_factory.mktemp("stored") / "home"
    settings = Settings(home=home)
    load_keys(settings, create=True)
    Lake.create(settings)
    rng = np.random.default_rng(2)
    tokens = [f"00000000-0000-4000-8000-{n:012d}" for n in range(CUSTOMERS)]
    dsr = rng.uniform(0.05, 0.9, CUSTOMERS)
    with Lake.open(settings) as lake:
        reports: list[dict[str, Any]] = []
        for night in NIGHTS:
            moved = np.round(np.clip(dsr + rng.normal(0, 0.05, CUSTOMERS), 0, 1), 4)
            people = pl.DataFrame({"customer_token": tokens, "dsr": moved, "as_of_date": [night] * CUSTOMERS})
            people = people.with_columns(
                age_years=pl.when(pl.int_range(pl.len()) == 0).then(17).otherwise(40).cast(pl.Int32),
                consent_credit_bureau=pl.int_range(pl.len()) != 1,
                automated_decision_opt_out=pl.Series(moved > 0.5),
                province_code=pl.when(pl.Series(moved) > 0.5).then(pl.lit("11")).otherwise(pl.lit("31")),
                debt_service_cents=pl.Series(rng.integers(0, 10**6, CUSTOMERS)),
            )
            put(lake, "profile.customer_profile", people)
            assessed = people.select("customer_token", "as_of_date", pd_12m=pl.lit(0.1), risk_grade=pl.lit("D"))
            put(lake, "risk.risk_assessment", assessed)
            decided = people.select("customer_token", "as_of_date", decision=pl.lit("declined"))
            put(lake, "eligibility.customer_eligibility", decided)
        falls = rng.random(CUSTOMERS) < 1 / (1 + np.exp(3.4 - 5 * dsr))
        month_fallen = rng.integers(6, 20, CUSTOMERS)
        ends = [date(2024 + m // 12, m % 12 + 1, 28) for m in range(1, 21)]
        for number, end in enumerate(ends):
            due = falls & (month_fallen <= number)
            reports += [
                {"customer_token": t, "reported_on": end, "dpd": 95 if d else 0, "status": "open", "is_own": False}
                for t, d in zip(tokens, due, strict=True)
            ]
        accounts = pl.DataFrame(reports).with_columns(
            feed_date="reported_on", delivery_seq=pl.lit(1), lender_code=pl.lit("L")
        )
        put(lake, "credit.credit_account", accounts)
        nights = pl.DataFrame({"business_date": [*NIGHTS, KNOWN], "manifest_no": [1, 2, 3, 4]})
        put(lake, "control.run_manifest", nights)
    return home


def fenqi(home: Path, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> Any:
    monkeypatch.setenv("FENQI_HOME", str(home))
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, done.output + str(done.exception)
    return done


def test_a_card_from_stored_nights_is_judged_out_of_time_and_registered(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report"
    done = fenqi(stored, monkeypatch, "train", "--report", report, "--no-challenger", "--json")
    told = json.loads(done.stdout)
    samples = {row["sample date"]: row for row in told["tables"]["Samples"]}
    assert list(samples) == [*map(str, NIGHTS), "all"]
    for row in samples.values():
        counts = [int(n.replace(",", "")) for name, n in row.items() if name not in ("sample date", "customers")]
        assert sum(counts) == int(row["customers"].replace(",", "")), "every sample is accounted for"
    assert (
        samples["2024-03-31"]["under age: left out"]
        == samples["2024-03-31"]["no consent to bureau data: left out"]
        == "1"
    )
    assert int(samples["2024-09-30"]["in default on the sample date: left out"]) > 0
    assert max(told["variables"], key=lambda v: v["iv"])["column"] == "dsr"
    left_out = {d["name"]: d["reason"] for d in told["left_out"]}
    assert "right" in left_out["automated_decision_opt_out"]
    assert "protected" in left_out["province_code"]
    judged = {m["model"]: m for m in told["samples"]}
    assert {m["sample"] for m in told["samples"]} == {"out of time, other customers"}
    assert judged["points scorecard"]["auc"] > 0.65
    assert judged["champion"]["auc"] == 0.5, "it gave everyone the same"
    assert "no reject inference" in " ".join(told["told"])
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "HIGH_DEBT_SERVICE" in (report / "scorecard.toml").read_text(encoding="utf-8"), "the champion's words for it"
    assert "<svg" in page
    namespaces = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")  # names, which nothing fetches
    assert set(re.findall(r"https?://[^\"'<> ]+", page)) <= set(namespaces)

    who = ("--by", "Li Wei", "--reason", "first card of our own")
    fenqi(stored, monkeypatch, "model", "register", report, "--from", "2025-10-01", *who)
    version = next(p.name for p in (stored / "models").iterdir() if p.is_dir())
    fenqi(stored, monkeypatch, "model", "promote", version, "--from", "2025-11-01", *who)
    listed = json.loads(fenqi(stored, monkeypatch, "model", "list", "--json").stdout)
    assert [(m["model_version"], m["role"]) for m in listed] == [(version, "champion"), ("expert_v1", "retired")]
    assert listed[0]["auc"] == judged["points scorecard"]["auc"]
    assert listed[0]["train_bads"] == told["bads"]


def test_a_window_no_night_has_behind_it_is_said(stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENQI_HOME", str(stored))
    done = CliRunner().invoke(app, ["train", "--report", str(tmp_path / "out"), "--window", "24"])
    assert done.exit_code == 1
    assert "no stored night is followed by 24 months" in str(done.exception)
    monkeypatch.setenv("FENQI_HOME", str(tmp_path / "nothing"))
    done = CliRunner().invoke(app, ["train", "--report", str(tmp_path / "out")])
    assert isinstance(done.exception, LakeMissingError)
    assert not (tmp_path / "nothing").exists(), "training makes no warehouse"
