"""`fenqi train --csv` on real data and on tables as they come: missing values, codes, constants, text outcomes."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.unit.transforms.risk.training.support import lender
from transforms.risk.scorecard import parse_scorecard

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytest.importorskip("lightgbm", reason="the train extra is not installed (make train-extra)")


def train(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.mark.shared
def test_uci_taiwan_five_folds_by_row_order(shared: Path, tmp_path: Path) -> None:
    """Issue row: points scorecard AUC >= 0.765 and KS >= 0.41, challenger AUC >= 0.785."""
    csv = shared / "data" / "uci_taiwan" / "UCI_Credit_Card.csv"
    done = train("--csv", csv, "--target", "default_payment_next_month", "--report", tmp_path)
    assert done.exit_code == 0, done.output
    measures = json.loads((tmp_path / "measures.json").read_text())
    means = measures["means"]
    for found in (means, measures["pooled"]):
        assert found["points scorecard"]["auc"] >= 0.765
        assert found["points scorecard"]["ks"] >= 0.41
        assert found["challenger"]["auc"] >= 0.785
    assert 0.9 < means["points scorecard"]["slope"] < 1.1
    page = (tmp_path / "index.html").read_text()
    assert page.count("<svg") >= 4
    assert "src=" not in page
    card = parse_scorecard(tomllib.loads((tmp_path / "scorecard.toml").read_text()), source="scorecard.toml")
    assert {v.column for v in card.variables} >= {"PAY_0", "LIMIT_BAL"}
    assert not {"SEX", "MARRIAGE", "AGE"} & {v.column for v in card.variables}


def test_a_table_as_it_comes(tmp_path: Path) -> None:
    frame, bad = lender(2_000)
    words = pl.Series("outcome", ["yes" if b else "no" for b in bad])
    frame.drop("bad").with_columns(words, empty=pl.lit(None, pl.String)).write_csv(tmp_path / "t.csv", separator=";")
    done = train(
        "--csv", tmp_path / "t.csv", "--target", "outcome", "--report", tmp_path / "out", "--no-challenger", "--json"
    )
    assert done.exit_code == 0, done.output
    assert "'yes' is taken for bad" in done.stderr
    told = json.loads(done.stdout)
    assert {v["column"] for v in told["variables"]} >= {"income", "late"}
    left_out = {d["name"]: d["reason"] for d in told["left_out"]}
    assert {"row_id", "comment", "currency", "SEX", "empty"} <= set(left_out)
    assert {c["name"]: c["codes"] for c in told["columns"]}["late"] == [98.0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "nothing"], "there is no column 'nothing'"),
        (["--target", "region"], "must have exactly two values"),
        (["--target", "bad", "--special", "x"], "numbers separated by commas"),
        (["--target", "bad", "--exclude", "y"], "no such column: y"),
        (["--target", "bad", "--time", "region"], "every row needs a date"),
        (["--target", "bad", "--exclude", "income,late,bureau,noise,region,rare"], "no column is left"),
        (["--target", "rare"], "at least 20 of each"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_a_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    frame, _ = lender(300)
    frame.with_columns(rare=(pl.int_range(pl.len()) == 5).cast(pl.Int8)).write_csv(tmp_path / "t.csv")
    done = train("--csv", tmp_path / "t.csv", "--report", tmp_path / "out", *arguments)
    assert done.exit_code == 1
    assert said in str(done.exception)
    assert not (tmp_path / "out").exists()
