"""The key of an offer: the same for the same terms, another for any other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.support import NIGHT, catalogue, policy, rate_card, token
from transforms.offers.cells import sold_cells
from transforms.offers.keys import offer_ids

_CELLS = sold_cells(rate_card(), catalogue().under(policy()), policy())
_PERSONS = pl.DataFrame({"customer_token": [token(0), token(1)]})
_PLAIN = {"person": 0, "cell": 3, "amount_cents": 1_000_000, "channel_no": 3, "merchant_id": None}
_TYPES = {
    "person": pl.UInt32,
    "cell": pl.UInt32,
    "amount_cents": pl.Int64,
    "channel_no": pl.Int64,
    "merchant_id": pl.String,
}


def keys(*changes: dict[str, Any], later: int = 0) -> list[str]:
    rows = pl.DataFrame([{**_PLAIN, **change} for change in changes], schema=_TYPES)
    return offer_ids(rows, _PERSONS, _CELLS, policy(), NIGHT + timedelta(days=later)).to_list()


@pytest.mark.parametrize(
    "change",
    [
        {"person": 1},
        {"cell": 4},
        {"amount_cents": 1_010_000},
        {"channel_no": 4},
        {"merchant_id": "m1"},
    ],
)
def test_other_terms_have_another_key(change: dict[str, Any]) -> None:
    plain, other, again = keys({}, change, {})
    assert plain == again
    assert plain != other
    assert len(other) == 32


def test_a_key_is_of_its_night_and_its_first_half_of_the_customer() -> None:
    first, other = keys({}, {"amount_cents": 2_000_000})
    assert first[:16] == other[:16] != keys({"person": 1})[0][:16]
    assert keys({}, later=1)[0] != first


@given(st.lists(st.integers(1, 10**10), min_size=2, max_size=200, unique=True))
def test_no_two_amounts_share_a_key(amounts: list[int]) -> None:
    """The mixing is a bijection: what differs in amount alone can never collide."""
    made = keys(*({"amount_cents": amount} for amount in amounts))
    assert len(set(made)) == len(amounts)
