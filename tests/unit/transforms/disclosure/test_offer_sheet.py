"""The cost sheet of an offer: its text is its figures, and everything disclosed is the schedule to the cent."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
import pytest

from orchestration.reports.disclosure_page import disclosure_page
from tests.unit.transforms.outputs import (
    customer_eligibility,
    disclosure_charge,
    installment_offer,
    offer_disclosure,
    policy_rows,
    product_rows,
)
from tests.unit.transforms.support import (
    NIGHT,
    customers,
    document,
    merchants,
    policy,
    rate_card,
    requests,
    token,
)
from transforms.disclosure.as_json import as_json
from transforms.disclosure.as_text import disclosure_text
from transforms.disclosure.disclosure import Disclosure, DisclosureError
from transforms.disclosure.offer_sheet import offer_sheet, quote_sheet
from transforms.loans.plan import Fee, Plan
from transforms.policy.product import REPAY_METHODS, Catalogue, parse_products
from transforms.pricing.quote import QuoteRequest
from transforms.pricing.quote import quote as priced
from transforms.pricing.rate_card import rate_card as card


def with_flat_interest() -> Catalogue:
    """The shipped catalogue, its loan in any method also sold with a fee on the whole principal (FLAT)."""
    changed = document("products.toml")
    changed["version"][0]["products"]["flexible_loan"]["repay_methods"].append("FLAT")
    return parse_products(changed, source="products.toml").in_force(NIGHT)


@cache
def published() -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]], dict[str, dict[str, Any]]]:
    """(disclosure rows, charges by product, product rows) of a night with every plan type and a fee at the start."""
    of = with_flat_interest()
    sold = of.under(policy())
    priced_cells = card(policy(), sold, NIGHT)
    wanted = [
        ("FLAT", "general", 12),
        ("BALLOON", "car", 36),
        ("STEP_UP", "medical", 36),
        ("STEP_DOWN", "travel", 36),
        ("INT_FIRST", "general", 6),
    ]
    asked = [
        {"customer_token": token(n), "request_id": f"r{n}", "repay_method": m, "purpose_code": p, "term_m": t}
        for n, (m, p, t) in enumerate(wanted, start=1)
    ]
    rich = {"income_cents": 6_000_000, "free_cash_flow_cents": 4_000_000, "risk_grade": "A"}
    people = customers({"risk_grade": "D"}, *[rich] * len(wanted))
    eligibility = customer_eligibility(*people, policy(), priced_cells, NIGHT)
    sellers = merchants(("m1", "appliance", "active", "0.06"))
    every = requests(*({**a, "amount_cents": 2_345_600} for a in asked))
    offers = installment_offer(eligibility, priced_cells, of, every, sellers, NIGHT, policy())
    charges: dict[str, list[dict[str, Any]]] = {}
    for row in disclosure_charge(sold, policy(), NIGHT).to_dicts():
        charges.setdefault(row["product_code"], []).append(row)
    rows = offer_disclosure(offers, sold, policy()).to_dicts()
    return rows, charges, {row["product_code"]: row for row in product_rows(sold, NIGHT).to_dicts()}


def figures() -> dict[str, tuple[str, str]]:
    rows = policy_rows(policy(), NIGHT).filter(kind="figure").select("item_key", "item_value", "citation")
    return {key: (value, citation) for key, value, citation in rows.iter_rows()}


def sheet(row: dict[str, Any]) -> Disclosure:
    _, charges, products = published()
    return offer_sheet(row, charges[row["product_code"]], products[row["product_code"]], figures())


def of_product(code: str) -> dict[str, Any]:
    return next(row for row in published()[0] if row["product_code"] == code)


def test_everything_disclosed_is_what_the_schedule_says_to_the_cent() -> None:
    rows = published()[0]
    assert {"card_general", "car", "low_interest", "merchant_zero"} <= {row["product_code"] for row in rows}
    assert {row["repay_method"] for row in rows} == set(REPAY_METHODS), "every method that is sold"
    for row in rows:
        made = sheet(row)
        assert sum(cents or 0 for _, cents in made.of("normal")) == made.schedule.cost_cents == row["total_cost_cents"]
        assert made.schedule.total_cents == row["total_paid_cents"]
        assert made.schedule.principal_cents == row["principal_cents"] + row["down_payment_cents"]
        assert all(cents is None for _, cents in made.of("contingent"))


def test_flat_interest_is_said_as_it_is_charged_and_costs_what_it_costs() -> None:
    """手续费率 a period: nearly twice as dear as its rate looks, and the sheet says on what it is charged."""
    row = next(row for row in published()[0] if row["repay_method"] == "FLAT")
    made = sheet(row)
    assert len({r.interest_cents for r in made.schedule.installments}) == 1
    assert row["apr_simple"] > Decimal("1.7") * row["nominal_rate"]
    assert "on the whole principal, also on what has been repaid" in disclosure_text(made, "en")
    assert "按分期总本金计收" in disclosure_text(made, "zh")


def money(cents: int) -> str:
    return f"¥{cents // 100:,}.{cents % 100:02d}"


@pytest.mark.parametrize("code", ["card_general", "car", "low_interest", "merchant_zero", "education"])
def test_the_text_is_the_figures(code: str) -> None:
    """Every figure of the row stands in the page and in both texts, and no other amount than theirs does."""
    row = of_product(code)
    made = sheet(row)
    texts = [disclosure_text(made, "en"), disclosure_text(made, "zh"), disclosure_page(made)]
    named = ("principal", "payment", "last_payment", "interest", "total_cost", "total_paid")
    for text in texts:
        for name in named:
            assert money(row[f"{name}_cents"]) in text, name
        for rate in ("apr_simple", "apr_irr", "annual_cost"):
            assert f"{row[rate]:.2%}" in text
        assert f"{row['late_interest_rate']:.2%}" in text
        said = {int(a.replace(",", "")) * 100 + int(b) for a, b in re.findall(r"¥([\d,]+)\.(\d\d)", text)}
        schedule = {v for r in made.schedule.rows for k, v in vars_of(r).items() if k.endswith("_cents")}
        known = {v for k, v in row.items() if k.endswith("_cents")} | schedule
        assert said <= known
    assert "There are no fees other than those listed here." in texts[0]
    assert "除上述列明的费用外,不收取任何其他费用。" in texts[1]


def vars_of(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def test_every_charge_is_named_with_method_standard_and_collector_in_both_languages() -> None:
    """金规〔2026〕2号: each fee, how it is charged, by which standard, who takes it; and what a breach costs."""
    told = as_json(sheet(of_product("car")))
    assert [line["code"] for line in told["charges"]] == ["interest", "upfront_fee"]
    assert [line["code"] for line in told["default_costs"]] == [
        "late_interest",
        "late_fee",
        "early_settlement_fee",
        "compound_interest",
    ]
    for line in (*told["charges"], *told["default_costs"]):
        for part in ("name", "method", "standard", "collector"):
            assert line[part]["en"].strip()
            assert re.search("[\u4e00-\u9fff0-9]", line[part]["zh"])
    fee = told["charges"][1]
    assert (fee["standard"]["en"], fee["standard"]["zh"]) == ("1.00% of the amount financed", "分期本金的1.00%")
    assert fee["amount_cents"] == (told["principal_cents"] + 50) // 100
    assert told["default_costs"][1]["standard"]["en"] == "5.00% of the overdue installment"
    assert told["default_costs"][2]["standard"] == {"en": "free of charge", "zh": "免收"}
    assert told["no_other_fees"]["en"].startswith("There are no fees other")
    assert len(told["schedule"]) == told["installments"] + 1, "down payment and fee on the first day"


def test_who_pays_a_subsidy_is_said() -> None:
    """The merchant, or the treasury, and how much."""
    free, low = (as_json(sheet(of_product(code))) for code in ("merchant_zero", "low_interest"))
    assert (free["total_cost_cents"], free["apr_irr"]) == (0, 0.0)
    assert [(x["code"], x["collector"]["zh"]) for x in free["paid_by_others"]] == [("merchant_subsidy", "商户")]
    assert free["paid_by_others"][0]["amount_cents"] == of_product("merchant_zero")["merchant_subsidy_cents"] > 0
    assert [(x["code"], x["standard"]["zh"]) for x in low["paid_by_others"]] == [("fiscal_subsidy", "1.00%/年")]
    assert low["paid_by_others"][0]["amount_cents"] == of_product("low_interest")["fiscal_subsidy_cents"] > 0
    assert as_json(sheet(of_product("card_general")))["paid_by_others"] == []


def test_what_ends_a_plan_early_is_said() -> None:
    """When the course stops, billing stops."""
    course = as_json(sheet(of_product("education")))
    assert any("billing stops that day" in said["en"] for said in course["cancellation"])
    assert any("停止扣款" in said["zh"] for said in course["cancellation"])
    assert any("7" in said["en"] for said in course["cancellation"]), "the cooling-off days"
    assert any("provider's account" in said["en"] for said in course["statements"])


def test_the_rules_it_is_shown_under_are_those_in_force() -> None:
    assert as_json(sheet(of_product("card_general")))["basis"] == ["PBOC公告〔2021〕第3号", "银保监规〔2022〕13号"]


@pytest.mark.parametrize(
    ("column", "by"), [("interest_cents", 1), ("total_paid_cents", -1), ("payment_cents", 1), ("total_fee_cents", 5)]
)
def test_a_figure_that_is_not_the_schedules_is_never_shown(column: str, by: int) -> None:
    row = of_product("card_general")
    with pytest.raises(DisclosureError, match=column):
        sheet({**row, column: row[column] + by})


def test_a_fee_nobody_named_is_never_shown() -> None:
    """The tariff without the fee at the start: the sheet cannot add up to the published cost."""
    _, charges, products = published()
    without = [row for row in charges["car"] if row["charge_code"] != "upfront_fee"]
    with pytest.raises(DisclosureError, match="total_fee_cents"):
        offer_sheet(of_product("car"), without, products["car"], figures())


def test_one_disclosure_per_offer_in_its_order() -> None:
    rows = pl.DataFrame(published()[0])
    assert rows["offer_id"].is_duplicated().sum() == 0
    assert rows["no_other_fees"].all()


def quoted(fees: tuple[Fee, ...] = (), **plan: Any) -> Disclosure:
    whole = Plan(1_200_000, Decimal("0.12"), 12, NIGHT, fees=fees, **plan)
    return quote_sheet(priced(QuoteRequest(whole)), policy())


def test_a_quote_is_disclosed_with_every_fee_by_its_own_standard_and_collector() -> None:
    """Two fees at the start are two lines, each with its collector; together with the rest they are the schedule."""
    fees = (
        Fee("service", "upfront", rate_ppm=10_000),
        Fee("guarantee", "upfront", amount_cents=5_000, collector="guarantor"),
        Fee("account", "periodic", amount_cents=300),
    )
    made = quoted(fees)
    told = as_json(made)
    assert [(x["name"]["en"], x["collector"]["en"], x["amount_cents"]) for x in told["charges"][1:]] == [
        ("Fee at the start (service)", "the lender", 12_000),
        ("Fee at the start (guarantee)", "the guarantor", 5_000),
        ("Fee with each installment (account)", "the lender", 3_600),
    ]
    assert sum(x["amount_cents"] for x in told["charges"]) == made.schedule.cost_cents == told["total_cost_cents"]
    assert told["default_costs"][0]["standard_ppm"] == 180_000, "12 % and half of it again"
    assert told["apr_irr"] > 0.12
    assert "¥50.00" in disclosure_page(made, "en")


def test_a_page_speaks_one_language_or_both() -> None:
    sheet_ = quoted()
    english, chinese, both = (disclosure_page(sheet_, language) for language in ("en", "zh", "both"))
    assert not re.search("[\u4e00-\u9fff]", english)
    assert "Interest" not in chinese
    assert "利息" in chinese
    assert '利息<span class="en" lang="en">Interest</span>' in both
    assert "http" not in both, "opens without a network"


def test_annual_costs_of_the_card_are_those_of_the_amount_as_nearly_as_the_sheet_says() -> None:
    """Less than 0.03 percentage points: held on every offer of the night, and on the smallest plan that is sold."""
    for row in published()[0]:
        made = sheet(row)
        own = quote_sheet(priced(QuoteRequest(made.plan)), policy()).terms
        assert abs(own.apr_irr - float(row["apr_irr"])) < 0.0003, row["product_code"]
    cells = rate_card().filter(product_code="card_general", risk_grade="B", repay_method="ANNUITY")
    for cell in cells.iter_rows(named=True):
        least = Plan(50_000, cell["nominal_rate"], cell["term_m"], NIGHT)
        own = quote_sheet(priced(QuoteRequest(least)), policy()).terms
        assert abs(own.apr_irr - float(cell["apr_irr"])) < 0.0003
