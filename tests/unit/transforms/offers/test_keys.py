"""The key of an offer: the same for the same terms, another for any other."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
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


def test_a_key_depends_on_its_own_terms_only() -> None:
    alone = keys({})
    assert keys({}, {"merchant_id": "m1"}, {"amount_cents": 7})[0] == alone[0]
    assert keys({"merchant_id": "m2"}, {"merchant_id": "m1"})[1] == keys({"merchant_id": "m1"})[0]


def splitmix(number: int) -> int:
    """The finaliser of SplitMix64, by the published algorithm."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        number = (number ^ (number >> shift)) * factor % 2**64
    return number ^ (number >> 31)


def digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


@pytest.mark.parametrize("merchant", [None, "m1"])
def test_a_key_is_the_digest_of_customer_and_night_and_the_mix_of_its_terms(merchant: str | None) -> None:
    """A checkout may send a key weeks later: it is made in the same way whatever version of this program made it."""
    assert splitmix(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF, "the first number of the published generator from 0"
    night = f"{NIGHT.isoformat()}|{policy().version}"
    terms = ("product_code", "purpose_code", "plan_type", "repay_method", "term_m", "nominal_rate")
    own = 1_000_000 * 8 + 3
    mixed = splitmix(own ^ digest(merchant) if merchant else own)
    second = splitmix(digest(f"{night}|{_CELLS.select(terms).row(3)}") ^ mixed)
    assert keys({"merchant_id": merchant}) == [f"{digest(f'{night}|{token(0)}'):016x}{second:016x}"]


@given(st.lists(st.integers(1, 10**10), min_size=2, max_size=200, unique=True))
def test_no_two_amounts_share_a_key(amounts: list[int]) -> None:
    """The mixing is a bijection: what differs in amount alone can never collide."""
    made = keys(*({"amount_cents": amount} for amount in amounts))
    assert len(set(made)) == len(amounts)
