"""Which columns of a customer profile a card may be learned from, and the ratios of them that say more than either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.scorecard import FORBIDDEN
from transforms.risk.training.columns import Dropped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

#: What a profile says that is no feature, and why.
_NOT_FEATURES = {
    **dict.fromkeys(("as_of_date", "customer_token", "shard"), "a key"),
    **dict.fromkeys(
        ("marketing_opt_out", "automated_decision_opt_out", "stated_preference"),
        "a right or a wish of the customer's: it never costs points",
    ),
    **dict.fromkeys(("bureau_reported_on", "bureau_age_days", "bureau_status"), "says how fresh the data are, not who"),
    **dict.fromkeys(
        ("last_salary_on", "salary_due_by"), "a day, not who: what it says of the pay is an amount beside it"
    ),
    **dict.fromkeys(
        ("line_cents", "line_frozen"), "the lender's own earlier decision: a card that repeats it learns nothing"
    ),
    **dict.fromkeys(("behaviour_segment", "capacity_band"), "made of the other columns by the policy"),
    **dict.fromkeys(("is_student", "edu_level"), "a gate of the policy, not a score"),
}
_NEVER_PREFIXES = {
    "consent_": "a right of the customer's: to withdraw it never costs points",
    "household": "the household's, not the customer's",
    "spouse": "the household's, not the customer's",
}
#: Scale of a ratio: basis points.
RATIO_SCALE = 10_000
_RATIOS = (
    ("gambling_cents_6m", "bank_out_cents_6m"),
    ("cash_cents_6m", "bank_out_cents_6m"),
    ("bank_out_cents_3m", "bank_in_cents_3m"),
    ("bank_in_cents_3m", "bank_in_cents_12m"),
    ("balance_min_cents_3m", "income_cents"),
    ("debt_balance_cents", "income_cents"),
    ("order_cents_6m", "bank_out_cents_6m"),
    ("line_used_cents", "line_cents"),
)


def with_ratios(profile: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, tuple[str, str]]]:
    """`profile` with ratios in basis points, rounded down as scoring does, and what each is of; empty over nil."""
    there = set(profile.columns)
    ratios = {f"{value} / {whole}": (value, whole) for value, whole in _RATIOS if {value, whole} <= there}
    made = {
        name: pl.when(pl.col(whole) > 0).then(pl.col(value).cast(pl.Int64) * RATIO_SCALE // pl.col(whole))
        for name, (value, whole) in ratios.items()
    }
    return profile.with_columns(**made), ratios


def candidates(columns: Sequence[str], protected: Collection[str]) -> tuple[list[str], list[Dropped]]:
    """The columns to learn from, and those never scored (`protected` by their contract among them) with the reason."""
    kept, dropped = [], []
    for name in columns:
        if name in FORBIDDEN or name in protected:
            dropped.append(Dropped(name, "protected attribute: never scored"))
        elif reason := _NOT_FEATURES.get(name) or next(
            (r for p, r in _NEVER_PREFIXES.items() if name.startswith(p)), ""
        ):
            dropped.append(Dropped(name, reason))
        else:
            kept.append(name)
    return kept, dropped
