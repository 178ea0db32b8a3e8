"""The cost sheet of a quote: the offer's sheet, whatever the plan, adding up to its schedule to the cent."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from orchestration.reports.disclosure_page import disclosure_page
from tests.unit.transforms.loans.plans import plan, plans
from tests.unit.transforms.support import policy
from transforms.dates.calendar import BIWEEKLY
from transforms.disclosure.as_json import as_json
from transforms.disclosure.as_text import disclosure_text
from transforms.disclosure.disclosure import DisclosureError
from transforms.disclosure.offer_sheet import quote_sheet
from transforms.loans.plan import Fee, Plan, RepayMethod
from transforms.pricing.quote import QuoteRequest, quote

START = date(2026, 9, 1)


def sheet(**options: Any) -> Any:
    return quote_sheet(quote(QuoteRequest(plan(start_on=START, **options))), policy())


@settings(max_examples=40, deadline=None)
@given(plans())
def test_charges_add_up_to_the_schedule_of_any_plan(drawn: Plan) -> None:
    """金规〔2026〕2号: every fee is on the sheet, and there are no others."""
    fees = tuple(Fee(f"{fee.code}{n}", fee.timing, fee.amount_cents, fee.rate_ppm) for n, fee in enumerate(drawn.fees))
    of = {**{name: getattr(drawn, name) for name in drawn.__dataclass_fields__}, "fees": fees}
    answer = quote(QuoteRequest(Plan(**of)))
    shown = as_json(quote_sheet(answer, policy()))
    assert sum(charge["amount_cents"] for charge in shown["charges"]) == answer.schedule.cost_cents
    assert shown["principal_cents"] == answer.request.plan.lent_cents
    assert {charge["code"] for charge in shown["default_costs"]} >= {"late_interest", "late_fee"}


def test_sheet_says_everything_in_both_languages() -> None:
    """Principal, each fee with method, standard and collector, both annual costs, default costs, no other fees."""
    made = sheet(fees=(Fee("service", "upfront", rate_ppm=10_000, collector="platform"),))
    english, chinese = disclosure_text(made, "en"), disclosure_text(made, "zh")
    for words in ("service", "the platform", "1.00% of the amount", "Late interest", "no fees other", "compounded"):
        assert words in english
    for words in ("分期本金", "平台运营机构", "罚息", "不收取任何其他费用", "复利", "单利"):
        assert words in chinese
    page = disclosure_page(made)
    assert page.count("<tr>") > 20
    assert "src=" not in page


def test_interest_by_days_and_other_rhythms_are_said_as_they_are() -> None:
    made = sheet(frequency=BIWEEKLY, interest_basis="actual/360")
    text = disclosure_text(made, "en")
    assert "by actual/360" in text
    assert "one twelfth" not in text
    assert "one every 2 weeks" in text
    assert "periods a year" in text


def test_who_pays_besides_the_customer_is_on_the_sheet() -> None:
    free = plan(start_on=START, rate="0", installments=3, method=RepayMethod.INTEREST_FREE)
    made = quote_sheet(quote(QuoteRequest(free, forgone_rate=Fraction(8, 100))), policy())
    assert [charge.charge_code for charge, _ in made.of("paid_by_others")] == ["merchant_subsidy"]
    assert made.cost_cents == 0


def test_fee_of_an_unknown_collector_is_refused() -> None:
    with pytest.raises(DisclosureError, match="collector broker"):
        sheet(fees=(Fee("x", "upfront", 100, collector="broker"),))
