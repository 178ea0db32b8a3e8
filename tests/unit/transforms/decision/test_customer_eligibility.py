"""Decision, limit, price grade and reasons by hand; every gate; a better customer never gets worse terms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import customer_eligibility
from tests.unit.transforms.support import (
    NIGHT,
    book,
    catalogue,
    customers,
    document,
    policy,
    rate_card,
)
from warehouse.contract import load_contract
from warehouse.shapes import polars_schema


def decide(*changes: dict[str, Any], on: date = NIGHT) -> list[dict[str, Any]]:
    profile, risk = customers(*changes)
    return customer_eligibility(profile, risk, policy(on), rate_card(on=on), on).to_dicts()


def test_limit_of_a_customer_worked_by_hand() -> None:
    """Grade B, income 10,000, debt service 1,000, free cash flow 4,000 yuan.

    Payment: 80 % of 4,000 = 3,200; 80 % of (10,000 - 1,000 - 30 % living) = 4,800; 55 % of 10,000 - 1,000 = 4,500;
    65 % of the stressed 8,000 - 1,000 = 4,200 → 3,200. Surely borne: with a deviation of 10 % of the income, a bound of
    20 % asks for 1.224745 deviations: 4,000 - 1,224.75 = 2,775.25. At 9.2 % over 60 months 10,000 costs 208.56 a
    month; with the margin of safety (277,525 - 240) * 1,000,000 // 20,857 = 13,294,577 → 132,900 yuan. Exposure: 12
    months of income = 120,000 yuan, less than the grade's 200,000. So 120,000, bound by exposure.
    """
    (row,) = decide({})
    assert row["decision"] == "eligible"
    assert row["reasons"] == []
    assert row["max_payment_cents"] == 320_000
    assert row["limit_affordability_cents"] == 13_290_000
    assert (row["limit_exposure_cents"], row["limit_grade_cents"]) == (12_000_000, 20_000_000)
    assert (row["limit_cents"], row["limit_bound_by"]) == (12_000_000, "exposure")
    assert (row["max_term_m"], row["dsr_bp"], row["expected_loss_bp"]) == (60, 1000, 100)
    assert row["prequalified_until"] == NIGHT + timedelta(days=7)


@pytest.mark.parametrize(
    ("change", "payment"),
    [
        ({"free_cash_flow_cents": 100_000}, 80_000),  # 80 % of free cash flow
        ({"income_cents": 400_000}, 108_000),  # stress: 65 % of 3,200 - 1,000; the living-cost floor would leave 1,200
        ({"debt_service_cents": 400_000, "dsr": 0.4}, 120_000),  # stress: 5,200 - 4,000
        ({"debt_service_cents": 540_000, "dsr": 0.54}, 0),  # stress: 5,200 - 5,400 leaves nothing
        ({"income_cents": None}, 0),
        ({"free_cash_flow_cents": None}, 420_000),  # 4,800 by income, 4,500 by ratio, 4,200 under stress
        ({"free_cash_flow_cents": -5}, 0),
    ],
)
def test_affordable_payment_is_the_least_of_its_bounds(change: dict[str, Any], payment: int) -> None:
    (row,) = decide(change)
    assert row["max_payment_cents"] == payment


@pytest.mark.parametrize(
    ("change", "bound", "limit"),
    [
        ({"line_cents": 500_000, "line_used_cents": 200_055}, "line", 290_000),
        ({"plan_outstanding_cents": 49_000_000}, "exposure", 1_000_000),
        ({"revolving_limit_cents": 9_000_000, "line_cents": 4_000_000, "line_used_cents": 0}, "line", 4_000_000),
        ({"revolving_limit_cents": 11_500_000}, "exposure", 500_000),
        ({"behaviour_segment": "high_potential"}, "segment", 2_000_000),
        ({"risk_grade": "D", "income_cents": 3_000_000, "free_cash_flow_cents": 2_000_000}, "grade", 6_000_000),
        ({"free_cash_flow_cents": 130_000}, "affordability", 340_000),
    ],
)
def test_the_bound_that_binds_is_named(change: dict[str, Any], bound: str, limit: int) -> None:
    """The least of affordability, line, exposure, segment, grade and policy; whole hundreds of yuan."""
    (row,) = decide(change)
    assert (row["decision"], row["limit_bound_by"], row["limit_cents"]) == ("eligible", bound, limit)


def test_a_tie_is_named_in_the_declared_order() -> None:
    (row,) = decide({"line_cents": 12_000_000, "line_used_cents": 0})
    assert row["limit_line_cents"] == row["limit_exposure_cents"] == row["limit_cents"]
    assert row["limit_bound_by"] == "exposure"


@pytest.mark.parametrize(
    ("change", "decision", "reasons"),
    [
        ({"age_years": 17}, "declined", ["under_age"]),
        ({"age_years": 18}, "eligible", []),
        ({"age_years": None}, "review", ["age_unknown"]),
        ({"age_years": 70}, "declined", ["limit_below_minimum", "over_age"]),
        ({"is_student": True}, "review", ["student"]),
        ({"current_dpd": 3}, "eligible", []),
        ({"current_dpd": 4}, "declined", ["currently_overdue"]),
        ({"max_dpd_12m": 29}, "eligible", []),
        ({"max_dpd_12m": 30}, "review", ["recent_delinquency"]),
        ({"max_dpd_12m": 90}, "declined", ["serious_delinquency"]),
        ({"behaviour_segment": "occasionally_late"}, "review", ["occasionally_late"]),
        ({"behaviour_segment": "high_debt"}, "review", ["high_debt"]),
        ({"running_plan_cnt": 4}, "eligible", []),
        ({"running_plan_cnt": 5}, "declined", ["too_many_plans"]),
        ({"own_dpd": 3}, "eligible", []),
        ({"own_dpd": 4}, "declined", ["plan_in_arrears"]),
        ({"own_max_dpd_12m": 89}, "eligible", []),
        ({"own_max_dpd_12m": 90}, "declined", ["plan_seriously_overdue"]),
        ({"five_class": "special_mention"}, "eligible", []),
        ({"five_class": "substandard"}, "declined", ["plan_classified"]),
        ({"restruct_flag": True}, "review", ["plan_under_observation"]),
        ({"broken_plan_cnt": 1}, "declined", ["broken_plan"]),
        ({"line_frozen": True}, "declined", ["line_frozen"]),
        ({"consent_credit_bureau": None}, "review", ["bureau_consent_missing"]),
        ({"bureau_status": "stale"}, "review", ["bureau_stale"]),
        ({"bureau_status": "missing"}, "review", ["bureau_missing"]),
        ({"automated_decision_opt_out": True}, "review", ["automated_decision_refused"]),
        ({"income_cents": None, "free_cash_flow_cents": None}, "review", ["income_unknown"]),
        ({"income_source": "stated"}, "review", ["income_not_verified"]),
        ({"behaviour_segment": "thin_file"}, "eligible", []),
        ({"behaviour_segment": "thin_file", "risk_grade": "E"}, "review", ["thin_file"]),
        ({"risk_grade": "F"}, "review", ["grade_needs_review"]),
        ({"pd_12m": 0.2401}, "declined", ["expected_loss_too_high"]),
        ({"free_cash_flow_cents": 0}, "declined", ["no_affordable_payment"]),
        ({"lender_cnt": 11, "new_lender_cnt_3m": 4}, "review", ["new_lenders", "too_many_lenders"]),
        ({"revol_util": 0.95}, "eligible", []),
        ({"revol_util": 0.9501}, "review", ["revolving_line_exhausted"]),
        ({"gambling_cents_3m": 600_000}, "eligible", []),
        ({"gambling_cents_3m": 600_001}, "review", ["gambling_spend"]),
        ({"human_review": True}, "review", ["human_review"]),
    ],
)
def test_gates_bite_at_their_threshold(change: dict[str, Any], decision: str, reasons: list[str]) -> None:
    (row,) = decide(change)
    assert (row["decision"], row["reasons"]) == (decision, reasons)


def test_debt_service_limit_counts_whole_basis_points_from_cents() -> None:
    """55 % exactly passes the ratio, one cent more does not; no float decides."""
    at, above = decide({"debt_service_cents": 550_000}, {"debt_service_cents": 550_001})
    assert at["dsr_bp"] == 5500
    assert "dsr_over_limit" not in at["reasons"]
    assert above["dsr_bp"] == 5501
    assert "dsr_over_limit" in above["reasons"]


def test_a_price_above_the_cap_is_declined_and_never_mispriced() -> None:
    """Grade G's risk price of 28.5 % is above 24 %."""
    (row,) = decide({"risk_grade": "G"})
    assert row["price_above_cap"]
    assert row["decision"] == "declined"
    assert "price_above_cap" in row["reasons"]
    assert (row["limit_cents"], row["max_term_m"], row["min_rate"], row["max_rate"]) == (0, 0, None, None)
    assert row["limit_affordability_cents"] == 0


def test_a_declined_customer_is_told_every_reason() -> None:
    (row,) = decide({"age_years": 17, "max_dpd_12m": 95, "bureau_status": "stale"})
    assert row["decision"] == "declined"
    assert row["reasons"] == ["bureau_stale", "serious_delinquency", "under_age"]


def test_a_transactor_gets_better_terms_and_a_late_payer_worse_ones() -> None:
    """Price grade, rate and limit move with behaviour, within the caps."""
    changes = ({"behaviour_segment": s} for s in ("transactor", "standard", "occasionally_late"))
    better, standard, worse = decide(*changes)
    assert [better["price_grade"], standard["price_grade"], worse["price_grade"]] == ["A", "B", "C"]
    assert better["min_rate"] < standard["min_rate"] < worse["min_rate"]
    assert better["limit_grade_cents"] > standard["limit_grade_cents"] > worse["limit_grade_cents"]
    assert (better["max_term_m"], worse["max_term_m"]) == (60, 12)


@pytest.mark.parametrize(
    ("line", "used", "changed_on", "line_next", "limit", "bound"),
    [
        # Half a year and more after the last change the line rises by a fifth: 20,000 to 24,000 yuan, 4,000 used.
        (2_000_000, 400_000, date(2025, 9, 10), 2_400_000, 2_000_000, "line"),
        (2_000_000, 400_000, date(2025, 9, 11), 2_000_000, 1_600_000, "line"),  # a day too early
        (2_000_000, 400_000, None, 2_000_000, 1_600_000, "line"),  # nobody knows since when
        # 120,000 by exposure on top of 50,000 used: a line of 500,000 is cut at once, however lately it changed.
        (50_000_000, 5_000_000, NIGHT, 17_000_000, 12_000_000, "exposure"),
        # A rise ends where the other bounds do: 110,000 x 1.2 would be more.
        (11_000_000, 0, date(2024, 1, 1), 12_000_000, 12_000_000, "exposure"),
    ],
)
def test_a_line_rises_slowly_and_is_cut_at_once(
    line: int, used: int, changed_on: date | None, line_next: int, limit: int, bound: str
) -> None:
    """The limit moves against the line in force in the lender's books, never against yesterday's output."""
    (row,) = decide({"line_cents": line, "line_used_cents": used, "line_changed_on": changed_on})
    assert (row["line_cents"], row["line_next_cents"]) == (line, line_next)
    assert (row["limit_cents"], row["limit_bound_by"]) == (limit, bound)


def test_no_line_rises_for_the_declined() -> None:
    change = {"line_cents": 2_000_000, "line_used_cents": 0, "current_dpd": 10}
    (row,) = decide({**change, "line_changed_on": date(2020, 1, 1)})
    assert (row["decision"], row["line_next_cents"]) == ("declined", 2_000_000)


def test_a_starter_limit_steps_up_after_so_many_payments_on_time_and_debt_service_still_binds() -> None:
    """20,000 yuan to start with, 40,000 after six payments on time in a row; an income that bears less, less."""
    starter = {"behaviour_segment": "high_potential", "income_cents": 2_000_000, "free_cash_flow_cents": 1_000_000}
    paid = {"plan_on_book_m": 9, "plan_paid_bp": 9_000}
    before, after = decide(*({**starter, **paid, "on_time_payment_cnt": n} for n in (5, 6)))
    assert (before["limit_cents"], before["limit_bound_by"]) == (2_000_000, "segment")
    assert (after["limit_cents"], after["limit_bound_by"]) == (4_000_000, "segment")
    assert before["max_term_m"] == after["max_term_m"] == 12
    (poor,) = decide({**starter, "free_cash_flow_cents": 400_000, "on_time_payment_cnt": 6})
    assert poor["limit_bound_by"] == "affordability"
    assert poor["limit_cents"] < 2_000_000
    (plain,) = decide({"behaviour_segment": "standard", "on_time_payment_cnt": 60})
    assert plain["limit_segment_cents"] is None


def test_the_largest_product_bounds_the_limit() -> None:
    """The policy lets 500,000 yuan be lent, the largest product sold takes 300,000."""
    rich = {"risk_grade": "A", "income_cents": 50_000_000, "free_cash_flow_cents": 30_000_000, "debt_balance_cents": 0}
    profile, risk = customers({**rich, "behaviour_segment": "transactor"})
    sold = catalogue().under(policy())
    (row,) = customer_eligibility(profile, risk, policy(), rate_card(), NIGHT, products=sold).to_dicts()
    assert (row["limit_cents"], row["limit_bound_by"]) == (30_000_000, "product")
    assert row["limit_grade_cents"] > 30_000_000


def test_a_customer_is_told_four_principal_reasons_those_that_carry_the_decision_first() -> None:
    (row,) = decide(
        {"age_years": 17, "bureau_status": "stale", "lender_cnt": 11, "line_frozen": True, "revol_util": 1.0}
    )
    assert row["reasons"] == [
        "bureau_stale", "line_frozen", "revolving_line_exhausted", "too_many_lenders", "under_age",
    ]  # fmt: skip
    assert row["principal_reasons"] == ["line_frozen", "under_age", "bureau_stale", "revolving_line_exhausted"]
    assert row["notice_due_on"] is None, "in China reasons are told when asked for"


def test_a_plan_ends_before_the_age_bound() -> None:
    """At 66 at most 48 months remain to 70, at 69 twelve."""
    young, old, older = decide({"age_years": 65}, {"age_years": 66}, {"age_years": 69})
    assert [young["max_term_m"], old["max_term_m"], older["max_term_m"]] == [60, 48, 12]


def test_the_age_bound_is_of_whole_years_of_twelve_months() -> None:
    """With a term sold a month longer than a year, at 69 still twelve."""
    card = rate_card()
    longer = card.filter(term_m=12).with_columns(term_m=pl.lit(13, dtype=card.schema["term_m"]))
    profile, risk = customers({"age_years": 69}, {"age_years": 68})
    rows = customer_eligibility(profile, risk, policy(), pl.concat([card, longer]), NIGHT)
    assert rows["max_term_m"].to_list() == [12, 24]


def test_a_rule_does_not_bite_the_night_before_it_starts() -> None:
    """Students from 2021-03-17, refusal of automation from 2021-11-01."""
    refused = {"automated_decision_opt_out": True}
    assert decide(refused, on=date(2021, 10, 31))[0]["decision"] == "eligible"
    assert decide(refused, on=date(2021, 11, 1))[0]["reasons"] == ["automated_decision_refused"]


def test_missing_cash_flow_alone_refuses_nobody() -> None:
    """PIPL art. 16: consent withheld is not by itself a refusal."""
    (row,) = decide({"free_cash_flow_cents": None})
    assert row["decision"] == "eligible"
    assert row["free_cash_flow_cents"] == 600_000


def test_a_customer_without_risk_assessment_is_an_error() -> None:
    profile, risk = customers({}, {})
    with pytest.raises(ValueError, match="1 customers of the profile have no risk assessment"):
        customer_eligibility(profile, risk.head(1), policy(), rate_card(), NIGHT)


def test_a_rate_card_of_another_policy_is_an_error() -> None:
    changed = document()
    changed["version"][0]["cap"]["rate_bp"] = 2300
    other = book(changed).versions[0]
    profile, risk = customers({})
    with pytest.raises(ValueError, match="priced under policy version"):
        customer_eligibility(profile, risk, other, rate_card(), NIGHT)


_CUSTOMER = st.fixed_dictionaries(
    {
        "risk_grade": st.sampled_from("ABCDEFG"),
        "income_cents": st.integers(0, 10_000_000),
        "debt_service_cents": st.integers(0, 3_000_000),
        "free_cash_flow_cents": st.one_of(st.none(), st.integers(-100_000, 5_000_000)),
        "debt_balance_cents": st.integers(0, 300_000_000),
        "plan_outstanding_cents": st.integers(0, 60_000_000),
        "revolving_limit_cents": st.integers(0, 60_000_000),
        "line_cents": st.one_of(st.none(), st.integers(0, 30_000_000)),
        "behaviour_segment": st.sampled_from(["standard", "transactor", "occasionally_late", "high_debt", "thin_file"]),
        "age_years": st.integers(16, 75),
        "max_dpd_12m": st.integers(0, 120),
    }
)
_ORDER = {"eligible": 0, "review": 1, "declined": 2}


def _earning(customer: dict[str, Any], income: int) -> dict[str, Any]:
    """Another income, and what the month leaves as the profile has it: income less living costs and debt service.

    An income that rises while the month leaves no more is one with higher costs, and its swings weigh more.
    """
    flow, a = customer["free_cash_flow_cents"], policy().affordability

    def after_living(cents: int) -> int:
        return cents - max(a.living_cost_floor_cents, cents * a.living_cost_share_bp // 10_000)

    moved = None if flow is None else flow + after_living(income) - after_living(customer["income_cents"])
    return {"income_cents": income, "free_cash_flow_cents": moved}


def _better(customer: dict[str, Any], way: str, amount: int) -> dict[str, Any]:
    if way == "grade":
        return {**customer, "risk_grade": "ABCDEFG"[max(0, "ABCDEFG".index(customer["risk_grade"]) - 1)]}
    if way == "income":
        return {**customer, **_earning(customer, customer["income_cents"] + amount)}
    return {**customer, way: max(0, customer[way] - amount)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            _CUSTOMER,
            st.sampled_from(
                ["grade", "income", "debt_service_cents", "debt_balance_cents", "plan_outstanding_cents", "max_dpd_12m"]
            ),
            st.sampled_from([1, 100, 99_999, 2_000_000]),
        ),
        min_size=20,
        max_size=40,
    )
)
def test_better_score_more_income_or_less_debt_is_never_worse(
    pairs: list[tuple[dict[str, Any], str, int]],
) -> None:
    """Decision, limit, term and the price of every cell."""
    before = decide(*(customer for customer, _, _ in pairs))
    after = decide(*(_better(customer, way, amount) for customer, way, amount in pairs))
    for old, new in zip(before, after, strict=True):
        assert _ORDER[new["decision"]] <= _ORDER[old["decision"]]
        assert new["limit_cents"] >= old["limit_cents"]
        assert new["max_term_m"] >= old["max_term_m"]
        assert new["price_grade"] <= old["price_grade"]
        if old["min_rate"] is not None:
            assert new["min_rate"] <= old["min_rate"]


@settings(max_examples=30, deadline=None)
@given(st.lists(_CUSTOMER, min_size=20, max_size=40))
def test_bounds_hold_for_anybody(many: list[dict[str, Any]]) -> None:
    kinds = polars_schema(load_contract("eligibility.customer_eligibility"))
    rows = pl.DataFrame(decide(*many), schema_overrides=kinds)
    bounds = [c for c in rows.columns if c.startswith("limit_") and c.endswith("_cents") and c != "limit_cents"]
    assert rows.filter(pl.col("limit_cents") > pl.min_horizontal(bounds)).is_empty()
    assert rows.filter(pl.col("limit_cents") % 10_000 != 0).is_empty()
    assert rows.filter((pl.col("decision") == "eligible") != (pl.col("reasons").list.len() == 0)).is_empty()
    assert rows.filter((pl.col("decision") == "eligible") & (pl.col("limit_cents") < 50_000)).is_empty()
    assert rows.filter((pl.col("age_gate") != "passed") & (pl.col("decision") == "eligible")).is_empty()


@pytest.mark.parametrize(
    ("change", "decision", "documents"),
    [
        ({}, "eligible", []),
        ({"behaviour_segment": "occasionally_late"}, "review", ["income_proof", "late_payment_note"]),
        (
            {"behaviour_segment": "occasionally_late", "lender_cnt": 30},
            "review",
            ["income_proof", "credit_report", "debt_statement", "late_payment_note"],
        ),
        ({"behaviour_segment": "occasionally_late", "current_dpd": 5}, "declined", []),
    ],
)
def test_a_review_asks_for_the_documents_of_each_doubt_once(
    change: dict[str, Any], decision: str, documents: list[str]
) -> None:
    (row,) = decide(change)
    assert (row["decision"], row["documents_requested"]) == (decision, documents)
