"""Offer keys: the same for the same customer, night and terms, whatever other offers there are.

Its first half says customer and night, its second half the terms. A checkout that sends it twice names one plan.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from transforms.policy.policy import Policy

#: What a cell says of the terms; amount, channel and merchant are the offer's own.
_CELL_TERMS = ("product_code", "purpose_code", "plan_type", "repay_method", "term_m", "nominal_rate")
_HEX = pl.Series([f"{n:04x}" for n in range(1 << 16)], dtype=pl.String)


def offer_ids(
    offers: pl.DataFrame, persons: pl.DataFrame, cells: pl.DataFrame, policy: Policy, as_of: date
) -> pl.Series:
    """32 hex digits per row of `offers` (`person`, `cell`, `amount_cents`, `channel_no`, `merchant_id`).

    `persons` and `cells` are what the numbers `person` and `cell` count. The key alone does not identify the customer.
    """
    night = f"{as_of.isoformat()}|{policy.version}"
    customer = pl.Series(
        [_digest(f"{night}|{token}").hex() for token in persons["customer_token"]], dtype=pl.String
    ).gather(offers["person"])
    of_cell = np.array([_number(f"{night}|{row}") for row in cells.select(_CELL_TERMS).iter_rows()], dtype=np.uint64)
    terms = _mixed(of_cell[offers["cell"].to_numpy()] ^ _mixed(_own_terms(offers)))
    digits = [
        _HEX.gather(((terms >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.uint32)) for shift in (48, 32, 16, 0)
    ]
    names = ["customer", "d0", "d1", "d2", "d3"]
    columns = dict(zip(names, [customer, *digits], strict=True))
    return pl.DataFrame(columns).select(offer_id=pl.concat_str(names)).to_series()


def _own_terms(offers: pl.DataFrame) -> NDArray[np.uint64]:
    """Amount, channel and merchant as one number; there are fewer than eight channels."""
    amount = offers["amount_cents"].to_numpy().astype(np.uint64) * np.uint64(8)
    own = amount + offers["channel_no"].cast(pl.UInt64).to_numpy()
    tied = offers["merchant_id"]
    if tied.null_count() == len(tied):
        return np.asarray(own, dtype=np.uint64)
    numbers = {m: _number(str(m)) for m in tied.unique().drop_nulls()}
    merchant = tied.replace_strict(numbers, default=0, return_dtype=pl.UInt64).to_numpy()
    return np.asarray(own ^ merchant, dtype=np.uint64)


def _mixed(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijection of 64 bits that lets every bit of the number move every bit of the result, modulo 2^64.

    Source: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    """
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(number ^ (number >> np.uint64(31)), dtype=np.uint64)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _number(text: str) -> int:
    return int.from_bytes(_digest(text))
