"""Which merchants a plan may pay, and which pay towards an interest-free one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.product import PROVIDER_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.product import Catalogue

#: Which bit of `r_provider_bits` answers which rule of a product; `none` asks nothing.
PROVIDER_BITS = {rule: (0, 1, 2)[n] for n, rule in enumerate(PROVIDER_RULES)}


def judged_merchants(merchants: pl.DataFrame, catalogue: Catalogue, as_of: date) -> pl.DataFrame:
    """Merchants (latest state) with `merchant_purpose` and whether each is `active` and `whitelisted`."""
    rule = catalogue.providers
    purpose = pl.col("category_code").replace_strict(
        dict(catalogue.purposes), default="general", return_dtype=pl.String
    )
    listed = pl.lit(value=True)
    for name, many in rule.whitelist.items():
        listed = pl.when(pl.col("merchant_purpose") == name).then(pl.col("merchant_id").is_in(many)).otherwise(listed)
    seasoned = pl.col("onboarded_on") <= as_of - timedelta(days=rule.min_days)
    return (
        merchants.with_columns(
            merchant_purpose=purpose,
            active=(pl.col("status") == "active") & ~pl.col("category_code").is_in(list(rule.barred_categories)),
        )
        .with_columns(whitelisted=pl.col("active") & seasoned & listed)
        .select("merchant_id", "merchant_purpose", "subsidy_share", "active", "whitelisted")
    )


def with_provider(persons: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """`persons` with `r_provider_bits`: which provider rules the merchant of the request meets.

    All of them where the request names no merchant: one is chosen, and judged, at the checkout. A merchant that is not
    known meets none.
    """
    bits = pl.col("active").cast(pl.Int64) * PROVIDER_BITS["active"]
    of_purpose = pl.col("whitelisted") & (pl.col("merchant_purpose") == pl.col("r_purpose"))
    bits += of_purpose.cast(pl.Int64) * PROVIDER_BITS["whitelisted"]
    every = sum(PROVIDER_BITS.values())
    found = persons.join(judged, left_on="r_merchant", right_on="merchant_id", how="left", maintain_order="left")
    return found.with_columns(
        r_provider_bits=pl.when(pl.col("r_merchant").is_null()).then(every).otherwise(bits.fill_null(0))
    ).drop("merchant_purpose", "subsidy_share", "active", "whitelisted")


def provider_allowed() -> pl.Expr:
    """Whether the product's rule (`provider_bit`) is met by the merchant of the request (`r_provider_bits`)."""
    needed = pl.col("provider_bit")
    return (needed == 0) | (pl.col("r_provider_bits") & needed > 0)


def paying_merchants(judged: pl.DataFrame) -> pl.DataFrame:
    """Active merchants that pay towards interest-free plans, best first: id, purpose, share in basis points."""
    return (
        judged.filter(pl.col("active") & (pl.col("subsidy_share") > 0))
        .select(
            "merchant_id",
            "merchant_purpose",
            # A decimal share is within 1e-10 of its float, so this is the whole basis points it stands for.
            share_bp=(pl.col("subsidy_share").cast(pl.Float64) * 10_000 + 1e-6).floor().cast(pl.Int64),
        )
        .sort("share_bp", "merchant_id", descending=[True, False])
    )


def with_paying_merchant(persons: pl.DataFrame, columns: Sequence[str], paying: pl.DataFrame) -> pl.DataFrame:
    """One paying merchant per person: the request's, else the best of its purpose, else the best of all."""
    own = paying.select(r_merchant="merchant_id", m_own="merchant_id")
    best = paying.unique("merchant_purpose", keep="first", maintain_order=True)
    of_purpose = best.select(r_purpose="merchant_purpose", m_purpose="merchant_id")
    overall = pl.lit(paying["merchant_id"][0] if paying.height else None, dtype=pl.String)
    return (
        persons.select(*columns, "r_merchant", "r_purpose")
        .join(own, on="r_merchant", how="left")
        .join(of_purpose, on="r_purpose", how="left")
        .with_columns(merchant_id=pl.coalesce("m_own", "m_purpose", overall))
        .join(paying, on="merchant_id", how="inner")
    )
