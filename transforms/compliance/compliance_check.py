"""Every decision and offer checked against the rules in force; those that fail are withheld and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from transforms.policy.compliance_rules import in_force

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.compliance_rules import ComplianceRule
    from transforms.policy.policy import Policy
    from transforms.policy.product import Product

_CODES = pl.List(pl.String)
_OF_PROFILE = (
    "automated_decision_opt_out",
    "is_student",
    "employment_type",
    "consent_credit_bureau",
    "income_source",
    "plan_outstanding_cents",
)
_OF_DECISION = ("decision", "human_review", "limit_cents", "max_term_m", "max_payment_cents", "income_cents")
_FAILED = "_failed"


class CheckedOffers(NamedTuple):
    """The offers that keep every rule, and the result of every check."""

    installment_offer: pl.DataFrame
    compliance_check: pl.DataFrame


def compliance_check(
    proposed_offers: pl.DataFrame,
    customer_eligibility: pl.DataFrame,
    customer_profile: pl.DataFrame,
    policy: Policy,
    products: Sequence[Product],
    cap_rate_bp: int,
    as_of: date,
) -> CheckedOffers:
    """Check a night's decisions and offers against every rule the policy requires, failing closed.

    `products` are those sold under the policy, `cap_rate_bp` the annual cost cap of the night. One row of checks per
    decision, one per customer for all the offers that keep every rule (`row_cnt` of them), and one per offer withheld;
    a decision that fails keeps all its offers back.
    """
    decided = _judged(
        customer_eligibility.join(
            customer_profile.select("customer_token", *_OF_PROFILE),
            on="customer_token",
            how="left",
            maintain_order="left",
        ),
        in_force(policy, "decision"),
        policy,
    )
    known = decided.select(
        "customer_token", *_OF_DECISION, "debt_service_cents", decision_sound=pl.col(_FAILED).list.len() == 0
    )
    judged = _judged(_with_products(proposed_offers, known, products, cap_rate_bp), in_force(policy, "offer"), policy)
    kept = judged[_FAILED].list.len() == 0
    checks = pl.concat(
        [
            _of_decisions(decided, policy),
            _of_kept(judged.filter(kept), policy),
            _of_withheld(judged.filter(~kept), policy),
        ]
    ).with_columns(as_of_date=pl.lit(as_of), policy_id=pl.lit(policy.policy_id), policy_version=pl.lit(policy.version))
    return CheckedOffers(proposed_offers.filter(kept), checks)


def _with_products(offers: pl.DataFrame, known: pl.DataFrame, products: Sequence[Product], cap_bp: int) -> pl.DataFrame:
    sold = pl.DataFrame(
        [(p.product_code, purpose, p.kind, True) for p in products for purpose in p.purpose_codes],
        schema={"product_code": pl.String, "purpose_code": pl.String, "product_kind": pl.String, "sold": pl.Boolean},
        orient="row",
    )
    other = (pl.col("repay_method") != "INT_FIRST").any().over("customer_token")
    return (
        offers.join(known, on="customer_token", how="left", maintain_order="left")
        .join(sold, on=["product_code", "purpose_code"], how="left", maintain_order="left")
        .with_columns(has_other_method=other, cap_bp=pl.lit(cap_bp))
    )


def _judged(frame: pl.DataFrame, rules: Sequence[ComplianceRule], policy: Policy) -> pl.DataFrame:
    """`frame` with the codes each row fails, sorted as the rules are; lists are built once per combination.

    A rule that is NULL of a row is failed like one that is FALSE.
    """
    mask = pl.sum_horizontal(
        pl.when(rule.holds(policy)).then(0).otherwise(pl.lit(1 << bit, dtype=pl.Int64))
        for bit, rule in enumerate(rules)
    )
    marked = frame.with_columns(_mask=mask)
    seen = marked["_mask"].unique().to_list()
    lists = [[rule.code for bit, rule in enumerate(rules) if number >> bit & 1] for number in seen]
    failed = pl.DataFrame({"_mask": seen, _FAILED: lists}, schema={"_mask": pl.Int64, _FAILED: _CODES})
    return marked.join(failed, on="_mask", how="left", maintain_order="left").drop("_mask")


def _row(subject: str, policy: Policy) -> dict[str, pl.Expr]:
    checked = [rule.code for rule in in_force(policy, "decision" if subject == "decision" else "offer")]
    return {
        "subject": pl.lit(subject),
        "passed": pl.col(_FAILED).list.len() == 0,
        "rules_checked": pl.lit(checked, dtype=_CODES),
        "rules_failed": pl.col(_FAILED),
    }


_PLAN = ("product_code", "repay_method", "term_m", "amount_cents")
_NO_PLAN = {"product_code": pl.String, "repay_method": pl.String, "term_m": pl.Int32, "amount_cents": pl.Int64}


def _of_decisions(decided: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    return decided.select(
        "customer_token",
        "shard",
        subject_id=pl.lit("decision"),
        row_cnt=pl.lit(1, dtype=pl.Int32),
        **_row("decision", policy),
        **{name: pl.lit(None, dtype=dtype) for name, dtype in _NO_PLAN.items()},
    )


def _of_kept(kept: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    counted = kept.group_by("customer_token", "shard", maintain_order=True).agg(row_cnt=pl.len().cast(pl.Int32))
    return (
        counted.with_columns(pl.lit([], dtype=_CODES).alias(_FAILED))
        .select(
            "customer_token",
            "shard",
            "row_cnt",
            subject_id=pl.lit("offers"),
            **_row("offers", policy),
            **{name: pl.lit(None, dtype=dtype) for name, dtype in _NO_PLAN.items()},
        )
        .select(_ORDER)
    )


def _of_withheld(withheld: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    return withheld.select(
        "customer_token",
        "shard",
        subject_id="offer_id",
        row_cnt=pl.lit(1, dtype=pl.Int32),
        **_row("withheld_offer", policy),
        **{name: pl.col(name).cast(dtype) for name, dtype in _NO_PLAN.items()},
    )


_ORDER = (
    "customer_token", "shard", "subject_id", "row_cnt", "subject", "passed", "rules_checked", "rules_failed", *_PLAN,
)  # fmt: skip
