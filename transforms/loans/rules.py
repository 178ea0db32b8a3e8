"""The policy's servicing rules for a running plan (section `servicing`), and the names of days-past-due buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from transforms.policy.sections import Classification

#: What an installment is made of; an order of allocation names each once.
COMPONENTS = ("interest", "fee", "principal")

FIVE_CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
#: Highest bucket: 180 days and more.
_LAST_BUCKET, _BUCKET_DAYS = 7, 30


def bucket(dpd: pl.Expr) -> pl.Expr:
    """Delinquency bucket: 0 current, 1 for 1–30 days past due, …, 7 beyond 180."""
    started = (dpd.cast(pl.Int32) + _BUCKET_DAYS - 1) // _BUCKET_DAYS
    return started.clip(0, _LAST_BUCKET).cast(pl.Int32)


def class_place(dpd: pl.Expr, classification: Classification) -> pl.Expr:
    """Place among `FIVE_CLASSES` by days past due: any arrears 关注, beyond the policy's days 次级, 可疑, 损失."""
    bounds = (0, classification.substandard_dpd, classification.doubtful_dpd, classification.loss_dpd)
    return pl.sum_horizontal((dpd > bound).cast(pl.Int8) for bound in bounds)


def class_name(place: pl.Expr) -> pl.Expr:
    """The class by its place."""
    return place.cast(pl.Int64).replace_strict(dict(enumerate(FIVE_CLASSES)), return_dtype=pl.String)
