"""A column that knows the outcome does not make a good model."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.unit.transforms.risk.training.support import lender
from transforms.risk.training import leaks
from transforms.risk.training.columns import understand
from transforms.risk.training.leaks import sift

FRAME, BAD = lender()


def test_the_outcome_in_other_words_is_left_out_unless_kept() -> None:
    frame = FRAME.with_columns(again=pl.Series(np.where(BAD, "gone", "there")))
    columns, _ = understand(frame, target="bad")
    sifted = sift(frame, columns, BAD)
    assert [d.name for d in sifted.dropped] == ["again"] == list(sifted.suspects)
    assert "LEAK" in sifted.dropped[0].reason
    assert "again" in {c.name for c in sift(frame, columns, BAD, keep=["again"]).columns}


def test_a_value_that_only_bads_have_is_noted() -> None:
    recovered = np.where(BAD & (np.arange(len(BAD)) % 2 == 0), 100.0 + np.arange(len(BAD)) / 7, 0.0)
    frame = FRAME.with_columns(recovered=pl.Series(recovered))
    columns, _ = understand(frame, target="bad")
    sifted = sift(frame, columns, BAD)
    assert sifted.suspects == ("recovered",)
    assert "one outcome only" in next(c.notes[-1] for c in sifted.columns if c.name == "recovered")


def test_honest_columns_are_left_alone() -> None:
    columns, _ = understand(FRAME, target="bad")
    assert sift(FRAME, columns, BAD).columns == tuple(columns)


@pytest.mark.parametrize(
    ("alone", "dropped", "suspected"),
    [
        (leaks.KNOWS, True, True),
        (leaks.KNOWS - 0.001, False, True),
        (leaks.SUSPECT, False, True),
        (leaks.SUSPECT - 0.001, False, False),
    ],
)
def test_from_which_ranking_on_a_column_is_suspected_and_left_out(
    monkeypatch: pytest.MonkeyPatch, alone: float, dropped: bool, suspected: bool
) -> None:
    monkeypatch.setattr(leaks, "ranking", lambda _: alone)
    columns, _ = understand(FRAME.select("noise"), target="bad")
    sifted = sift(FRAME, columns, BAD)
    assert (bool(sifted.dropped), bool(sifted.suspects)) == (dropped, suspected)
    assert bool(sifted.columns) is not dropped
