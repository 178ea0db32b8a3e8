"""Every output rule of the eligibility contracts holds on what the transforms make, and bites on what is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

import duckdb
import polars as pl
import pytest

from tests.unit.transforms.outputs import (
    compliance_check,
    customer_eligibility,
    disclosure_charge,
    installment_offer,
    market_price,
    offer_disclosure,
    policy_rows,
    product_rows,
)
from tests.unit.transforms.support import (
    GOOD_CUSTOMER,
    NIGHT,
    catalogue,
    customers,
    market_prices,
    merchants,
    policy,
    rate_card,
    requests,
)
from transforms.pricing.pricing_inputs import cap_rate_bp
from warehouse.contract import load_contract
from warehouse.frames import register

_MANY = [
    {
        "risk_grade": grade,
        "behaviour_segment": segment,
        "free_cash_flow_cents": flow,
        "is_student": student,
        "line_cents": 5_000_000,
        "line_used_cents": 100,
    }
    for grade in "ABCDEFG"
    for segment in ("standard", "transactor", "high_debt", "thin_file")
    for flow in (None, 9_000, 150_000, 2_000_000)
    for student in (True, False)
]


@cache
def tables() -> dict[str, pl.DataFrame]:
    profile, risk = customers(
        {"line_cents": 5_000_000, "line_used_cents": 0}, {"age_years": 17}, {"income_cents": None}, *_MANY
    )
    assert set(_MANY[0]) <= set(GOOD_CUSTOMER)
    card = rate_card()
    eligibility = customer_eligibility(profile, risk, policy(), card, NIGHT)
    sellers = merchants(("m1", "appliance", "active", "0.06"))
    asked = requests({"term_m": 18})
    market = market_price(market_prices(("C1", "general", 12, "0.08")), policy(), NIGHT)
    sold = catalogue().under(policy())
    offers = installment_offer(eligibility, card, catalogue(), asked, sellers, NIGHT, policy(), market_price=market)
    checked = compliance_check(offers, eligibility, profile, policy(), sold, cap_rate_bp(policy(), None), NIGHT)
    assert checked.installment_offer.height == offers.height
    return {
        "profile.customer_profile": profile,
        "reference.market_price": market,
        "reference.policy": policy_rows(policy(), NIGHT),
        "reference.product": product_rows(sold, NIGHT),
        "eligibility.rate_card": card,
        "eligibility.customer_eligibility": eligibility,
        "eligibility.installment_offer": offers,
        "eligibility.compliance_check": checked.compliance_check,
        "eligibility.disclosure_charge": disclosure_charge(sold, policy(), NIGHT),
        "eligibility.offer_disclosure": offer_disclosure(offers, sold, policy()),
    }


def violations(table: str, frames: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Rule code → number of violations, for every rule of the table's contract that is broken."""
    with duckdb.connect() as con:
        for name, frame in frames.items():
            register(con, f"v_{name.replace('.', '_')}", frame)
            con.execute(f"CREATE TABLE {name.replace('.', '_')} AS FROM v_{name.replace('.', '_')}")
        broken = {}
        for rule in load_contract(table).rules:
            sql = rule.violations_sql or f"SELECT count(*) FROM {{object}} WHERE {rule.bad_row_sql}"
            if rule.kind == "unique":
                key = ", ".join(load_contract(table).lake_key)
                sql = f"SELECT count(*) FROM (SELECT 1 FROM {{object}} GROUP BY {key} HAVING count(*) > 1)"
            sql = sql.replace("{object}", table.replace(".", "_"))
            sql = re.sub(r"\{(\w+)\.(\w+)\}", r"\1_\2", sql)
            if (count := con.execute(sql).fetchall()[0][0]) > 0:
                broken[rule.code] = count
        return broken


@pytest.mark.parametrize(
    "table",
    [
        "reference.policy",
        "reference.product",
        "reference.market_price",
        "eligibility.rate_card",
        "eligibility.customer_eligibility",
        "eligibility.installment_offer",
        "eligibility.compliance_check",
        "eligibility.disclosure_charge",
        "eligibility.offer_disclosure",
    ],
)
def test_every_rule_holds_on_a_made_night(table: str) -> None:
    assert violations(table, tables()) == {}


_FIRST = pl.int_range(pl.len()) == 0


@pytest.mark.parametrize(
    ("table", "column", "value", "rule"),
    [
        ("eligibility.rate_card", "apr_irr", pl.lit("0.25").cast(pl.Decimal(9, 6)), "cap_respected"),
        ("eligibility.rate_card", "nominal_rate", pl.lit("0.99").cast(pl.Decimal(9, 6)), "better_grade_not_dearer"),
        ("eligibility.rate_card", "term_m", pl.lit(84), "better_grade_not_shorter"),
        ("eligibility.rate_card", "last_payment_per_10k_cents", pl.lit(1), "schedule_sums"),
        ("eligibility.customer_eligibility", "reasons", pl.lit(["no_such"]), "reasons_known"),
        ("eligibility.customer_eligibility", "reasons", pl.lit(["line_frozen"]), "reason_supports_decision"),
        ("eligibility.customer_eligibility", "limit_cents", pl.lit(90_000_000), "limit_within_all"),
        ("eligibility.customer_eligibility", "max_payment_cents", pl.lit(90_000_000), "payment_within_cash_flow"),
        ("eligibility.customer_eligibility", "age_gate", pl.lit("under_age"), "age_gate_bites"),
        ("eligibility.customer_eligibility", "price_above_cap", pl.lit(value=True), "above_cap_declined"),
        ("eligibility.customer_eligibility", "line_next_cents", pl.lit(90_000_000), "line_rises_slowly"),
        ("eligibility.customer_eligibility", "principal_reasons", pl.lit(["x"]), "principal_reasons_are_reasons"),
        ("eligibility.customer_eligibility", "notice_due_on", pl.lit(NIGHT), "notice_of_the_declined"),
        ("eligibility.installment_offer", "payment_cents", pl.lit(90_000_000), "payment_affordable"),
        ("eligibility.installment_offer", "max_amount_cents", pl.lit(90_000_000), "amount_within_limit"),
        ("eligibility.installment_offer", "nominal_rate", pl.lit("0.5").cast(pl.Decimal(9, 6)), "priced_by_rate_card"),
        ("eligibility.installment_offer", "rank", pl.lit(23, dtype=pl.Int32), "ranks_distinct"),
        ("eligibility.installment_offer", "total_cost_cents", pl.lit(1), "cost_adds_up"),
        ("eligibility.installment_offer", "last_payment_cents", pl.lit(1), "schedule_sums"),
        ("eligibility.installment_offer", "amount_cents", pl.lit(49_999), "amount_within_product"),
        ("eligibility.installment_offer", "channel", pl.lit("branch"), "amount_within_product"),
        ("eligibility.installment_offer", "down_payment_cents", pl.lit(1), "down_payment_asked"),
        ("eligibility.installment_offer", "channel_limit_cents", pl.lit(1), "channel_bears_it"),
        ("eligibility.installment_offer", "subsidy_payer", pl.lit("treasury"), "subsidy_has_payer"),
        ("eligibility.installment_offer", "p_plan_break", pl.lit("0.2001").cast(pl.Decimal(9, 6)), "plan_sustainable"),
        ("eligibility.installment_offer", "proof_of_use", pl.lit(value=True), "proof_where_required"),
        ("eligibility.installment_offer", "rank_score", pl.lit(0), "rank_by_score"),
        ("eligibility.offer_disclosure", "offer_id", pl.lit("0" * 32), "every_offer_and_no_other"),
        ("eligibility.offer_disclosure", "interest_cents", pl.lit(1), "figures_are_the_offers"),
        ("eligibility.offer_disclosure", "upfront_fee_cents", pl.lit(100), "charges_add_up"),
        ("eligibility.offer_disclosure", "total_paid_cents", pl.lit(1), "charges_add_up"),
        ("eligibility.offer_disclosure", "periodic_fee_cents", pl.lit(1), "fee_has_a_charge"),
        ("eligibility.offer_disclosure", "annual_cost", pl.lit("0.01"), "annual_cost_is_one_of_both"),
        ("eligibility.offer_disclosure", "no_other_fees", pl.lit(value=False), "no_hidden_fees"),
        ("eligibility.offer_disclosure", "nominal_rate", pl.lit("0.9"), "late_interest_not_below_rate"),
        ("eligibility.disclosure_charge", "charge_code", pl.lit("upfront_fee"), "every_product_disclosed"),
        ("eligibility.disclosure_charge", "charge_code", pl.lit("periodic_fee"), "own_rate_left_open"),
        ("eligibility.disclosure_charge", "charge_no", pl.lit(9), "numbered_from_one"),
        ("reference.product", "upfront_fee_bp", pl.lit(1), "fees_are_the_products"),
        ("reference.product", "service_m", pl.lit(2), "term_within_service"),
        ("reference.product", "needs_merchant", pl.lit(value=False), "entrusted_needs_merchant"),
        ("reference.market_price", "newest_observed_on", pl.lit(NIGHT + timedelta(days=1)), "known_that_night"),
        ("eligibility.compliance_check", "passed", pl.lit(value=False), "verdict_follows_rules"),
        ("eligibility.compliance_check", "passed", pl.lit(value=False), "nothing_failing_is_published"),
        ("eligibility.compliance_check", "passed", pl.lit(value=False), "decisions_comply"),
        ("eligibility.compliance_check", "rules_checked", pl.lit(["x"]), "rules_known"),
        ("eligibility.compliance_check", "subject", pl.lit("offers"), "every_decision_checked"),
        ("eligibility.compliance_check", "subject", pl.lit("offers"), "every_offer_checked"),
    ],
)
def test_a_rule_bites(table: str, column: str, value: pl.Expr, rule: str) -> None:
    """One wrong value in one row (for the rate card: in its best grade's, or for a term in its worst's) is found."""
    frame = tables()[table]
    if column == "term_m":
        frame = frame.reverse()
    dtype = frame.schema[column]
    changed = frame.with_columns(pl.when(_FIRST).then(value.cast(dtype)).otherwise(pl.col(column)).alias(column))
    judged = "eligibility.disclosure_charge" if rule == "fees_are_the_products" else table
    assert rule in violations(judged, {**tables(), table: changed})


@pytest.mark.parametrize(
    ("of", "change", "rule"),
    [
        ("car", {"pay_mode": pl.lit("self_paid")}, "entrusted_where_required"),
        ("education", {"term_m": pl.lit(18, dtype=pl.Int32)}, "term_within_service"),
        ("low_interest", {"fiscal_subsidy_cents": pl.col("total_interest_cents") + 2}, "subsidy_within_law"),
        ("low_interest", {"amount_cents": pl.lit(30_000_100)}, "subsidy_within_law"),
        ("merchant_zero", {"fiscal_subsidy_cents": pl.lit(1)}, "subsidy_has_payer"),
        ("merchant_zero", {"merchant_id": pl.lit(None, dtype=pl.String)}, "interest_free_is_free"),
    ],
)
def test_a_products_own_rule_bites(of: str, change: dict[str, pl.Expr], rule: str) -> None:
    """Purpose, interest-free, low-interest and course rules: every offer of one product made wrong in one way."""
    made = tables()["eligibility.installment_offer"]
    wrong = {c: pl.when(pl.col("product_code") == of).then(v).otherwise(pl.col(c)) for c, v in change.items()}
    changed = made.with_columns(**wrong)
    assert not changed.equals(made)
    assert rule in violations("eligibility.installment_offer", {**tables(), "eligibility.installment_offer": changed})


def test_an_offer_to_somebody_not_eligible_is_found() -> None:
    frames = tables()
    refused = frames["eligibility.customer_eligibility"].filter(decision="declined")["customer_token"][0]
    offer = frames["eligibility.installment_offer"].head(1).with_columns(customer_token=pl.lit(refused))
    changed = pl.concat([frames["eligibility.installment_offer"], offer])
    assert "only_for_eligible" in violations(
        "eligibility.installment_offer", {**frames, "eligibility.installment_offer": changed}
    )


def test_an_offer_that_is_not_disclosed_is_found() -> None:
    """A disclosure for every offer and no other."""
    frames = tables()
    fewer = frames["eligibility.offer_disclosure"].tail(-1)
    assert violations("eligibility.offer_disclosure", {**frames, "eligibility.offer_disclosure": fewer}) == {
        "every_offer_and_no_other": 1
    }


def test_a_customer_without_a_decision_is_found() -> None:
    frames = tables()
    fewer = frames["eligibility.customer_eligibility"].tail(-1)
    assert violations("eligibility.customer_eligibility", {**frames, "eligibility.customer_eligibility": fewer}) == {
        "everyone_decided": 1
    }
