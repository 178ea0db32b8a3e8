"""Facts about a customer that decision rules may read besides the columns of the profile and the risk assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

#: Name → type of the facts computed by :mod:`transforms.decision.customer_eligibility` before any rule is judged.
#: `<fraction>_bp` of every fraction column comes on top (:func:`transforms.policy.rules.Compiler`).
FACTS: Mapping[str, DataType | DataTypeClass] = {
    "age_gate": pl.String,
    "price_grade": pl.String,
    "dsr_bp": pl.Int64,
    "expected_loss_bp": pl.Int64,
    "max_payment_cents": pl.Int64,
    "max_term_m": pl.Int32,
    "limit_cents": pl.Int64,
    "limit_bound_by": pl.String,
    "cap_binding": pl.Boolean,
    "price_above_cap": pl.Boolean,
    "second_plan_gate": pl.String,
}


def deciding_columns(
    profile: Mapping[str, DataType | DataTypeClass], risk: Mapping[str, DataType | DataTypeClass]
) -> dict[str, DataType | DataTypeClass]:
    """All columns a policy's rules may read, given the schemas of profile and risk: `parse_policy(…, columns=…)`."""
    return {**risk, **profile, **FACTS}
