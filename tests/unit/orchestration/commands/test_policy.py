"""Every shipped policy can be used on each of its dates, and has its country's age, price and term limits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from orchestration.commands.policy import policy_of, readable_columns
from tests.unit.transforms.support import reason_book
from transforms.policy.differences import policy_differences
from transforms.policy.policy import parse_policy
from transforms.policy.product import parse_products
from transforms.risk.scorecard import parse_scorecard
from warehouse.reference import REFERENCE, load_document, products

if TYPE_CHECKING:
    from pathlib import Path

    from transforms.policy.policy import PolicyBook

NAMES = sorted(
    p.relative_to(REFERENCE / "policies").with_suffix("").as_posix() for p in (REFERENCE / "policies").rglob("*.toml")
)
BOOKS: dict[str, PolicyBook] = {}


def book(name: str) -> PolicyBook:
    if name not in BOOKS:
        document = load_document("policies", name)
        BOOKS[name] = parse_policy(document.body, source=name, columns=readable_columns(), reasons=reason_book())
    return BOOKS[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_version_sells_something_and_cites_what_is_not_its_own(name: str) -> None:
    catalogue = parse_products(products().body, source="products.toml")
    assert book(name).versions[0].effective_from == date(2021, 1, 1)
    for policy in book(name).versions:
        assert catalogue.in_force(policy.effective_from).under(policy)
        said = policy.reasons.in_force(policy.effective_from).of("decision")
        assert all(len(said[r.code].en) > 10 and len(said[r.code].zh) > 4 and r.citation for r in policy.rules)
        unread = [k for k, f in policy.figures.items() if not f.verified]
        assert all(policy.figures[k].citation != "lender's own figure" for k in unread)


def test_the_policy_of_the_guide_is_good_and_changes_what_it_says(tmp_path: Path) -> None:
    guide = (REFERENCE.parents[1] / "docs" / "policies.md").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(guide.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    found = policy_differences(policy_of("cn/bank_card@2026-01-01"), policy_of(f"{tmp_path / 'mine.toml'}@2026-01-01"))
    assert [(d.key, d.before, d.after and d.after.partition(", asking for ")[2]) for d in found] == [
        ("affordability.dsr_limit_bp", "5500", ""),
        ("affordability.stress_dsr_limit_bp", "6500", ""),
        ("many_small_loans", None, "credit_report, debt_statement"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_scorecard_reads_nothing_a_policy_prohibits(name: str) -> None:
    card = parse_scorecard(load_document("scorecards", "expert_v1").body, source="expert_v1")
    read = {v.column for v in card.variables} | {v.over for v in card.variables if v.over}
    for policy in book(name).versions:
        assert not read & set(policy.attributes.prohibited)


#: (policy, figure, value the day before, day, value from then on).
STARTS = [
    ("cn/bank_card", "plans.reinstallment_allowed", True, date(2022, 7, 7), False),
    ("cn/bank_card", "disclosure.show_cost_as_interest", False, date(2022, 7, 7), True),
    ("cn/bank_card", "disclosure.show_annual_cost", False, date(2021, 3, 31), True),
    ("cn/bank_card", "classification.observation_m", 6, date(2023, 7, 1), 12),
    ("cn/bank_card", "kinds.consumption_loan.max_term_m", 60, date(2025, 3, 14), 84),
    ("cn/bank_card", "kinds.consumption_loan.max_amount_cents", 30_000_000, date(2025, 3, 14), 50_000_000),
    ("cn/bank_card", "subsidy.rate_bp", 0, date(2025, 9, 1), 100),
    ("cn/bank_card", "subsidy.covers_card_installment", False, date(2026, 1, 1), True),
    ("cn/bank_card", "subsidy.rate_bp", 100, date(2027, 1, 1), 0),
    ("cn/bank_card", "disclosure.all_in_cost_sheet", False, date(2026, 8, 1), True),
    ("cn/facilitated", "cap.rate_bp", 3600, date(2025, 10, 1), 2400),
    ("cn/facilitated", "exposure.own_max_cents", 20_000_000, date(2025, 3, 14), 30_000_000),
    ("cn/micro_lender", "cap.rate_bp", 3600, date(2025, 12, 1), 2400),
    ("cn/micro_lender", "cap.lpr_multiple_bp", 0, date(2027, 12, 31), 40_000),
    ("cn/consumer_finance", "cap.rate_bp", 2400, date(2025, 10, 1), 2000),
    ("cn/consumer_finance", "purposes.barred", (), date(2024, 4, 18), ("car",)),
    ("uk/deferred_payment", "disclosure.all_in_cost_sheet", False, date(2026, 7, 15), True),
    ("eu/consumer_credit", "disclosure.all_in_cost_sheet", False, date(2026, 11, 20), True),
]


@pytest.mark.parametrize(("name", "figure", "before", "day", "after"), STARTS)
def test_a_figure_changes_on_its_day_and_not_a_day_earlier(
    name: str, figure: str, before: object, day: date, after: object
) -> None:
    eve, morning = book(name).in_force(day - timedelta(days=1)), book(name).in_force(day)
    assert (eve.figures[figure].value, morning.figures[figure].value) == (before, after)


@pytest.mark.parametrize(
    ("name", "code", "day"),
    [
        ("cn/bank_card", "student", date(2021, 3, 17)),
        ("cn/bank_card", "automated_decision_refused", date(2021, 11, 1)),
        ("cn/micro_lender", "student", date(2021, 3, 17)),
    ],
)
def test_a_rule_stands_from_its_day_on(name: str, code: str, day: date) -> None:
    assert code not in {r.code for r in book(name).in_force(day - timedelta(days=1)).rules}
    assert code in {r.code for r in book(name).in_force(day).rules}


def test_micro_lenders_refuse_students_where_banks_look_for_a_second_source() -> None:
    decisions = {n: {r.code: r.decision for r in book(n).versions[-1].rules}["student"] for n in NAMES if "cn/" in n}
    assert decisions.pop("cn/micro_lender") == "declined"
    assert set(decisions.values()) == {"review"}


def test_a_consumer_finance_company_finances_no_car_by_any_product() -> None:
    policy = book("cn/consumer_finance").versions[-1]
    sold = parse_products(products().body, source="products.toml").versions[-1].under(policy)
    assert sold
    assert not [p.product_code for p in sold if "car" in p.purpose_codes or p.product_code == "car"]


def test_each_country_has_its_own_annual_cost_notice_and_prohibited_attributes() -> None:
    us, eu, uk, cn = (
        policy_of(n) for n in ("us/bank_card", "eu/consumer_credit", "uk/deferred_payment", "cn/bank_card")
    )
    assert [p.disclosure.annual_cost for p in (us, eu, uk, cn)] == ["us_reg_z", "eu_aprc", "eu_aprc", "cn_irr"]
    assert [p.disclosure.annual_cost_decimals for p in (us, eu, uk, cn)] == [2, 1, 1, 2]
    assert (us.cap.method, us.cap.rate_bp) == ("simple_irr", 3600)
    assert (us.notices.adverse_days, us.notices.max_reasons) == (30, 4)
    bases = {"sex", "marital_status", "race", "ethnicity", "religion", "national_origin", "age_years"}
    assert bases | {"public_assistance"} <= set(us.attributes.prohibited)
    assert (us.age.maximum_at_end_y, "over_age" in {r.code for r in us.rules}) == (0, False)
    assert {"social_activity", "illness"} <= set(eu.attributes.prohibited)
    before = book("eu/consumer_credit").in_force(date(2026, 11, 19))
    assert "social_activity" not in before.attributes.prohibited
    refused = {r.code: r for r in eu.rules}["automated_decision_refused"]
    assert refused.decision == "review"
    told = [eu.reasons.words("decision", refused.code, "en", day) for day in (date(2026, 11, 19), date(2026, 11, 20))]
    assert ["human intervention" in words for words in told] == [False, True]
    assert {r.code: r.decision for r in uk.rules}["income_not_verified"] == "review"
    assert (uk.interest_free.max_term_m, uk.kinds["cash_advance"].allowed) == (12, False)
    assert [p.currency for p in (us, eu, uk, cn)] == ["USD", "EUR", "GBP", "CNY"]
