"""The figures of a policy, section by section, each field with its unit; a policy file says all of them.

Every section is read from the figures `section.field` that stand (:mod:`transforms.policy.policy`). There are no
defaults: a field that is not given is missed, one that no section declares is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, ValidationInfo

from transforms.policy.conventions import PartPrepayment
from transforms.policy.mistakes import Each, Flag, PolicyError, Signed, Table, Text, Whole

GradeName = Literal["A", "B", "C", "D", "E", "F", "G"]
ProductKind = Literal["card_installment", "cash_advance", "consumption_loan"]
Purpose = Literal["appliance", "car", "education", "medical", "travel", "general"]
LenderType = Literal["bank_card", "consumer_finance", "micro_lender", "facilitated"]
#: Shown first: simple and compound IRR (PBOC公告〔2021〕第3号), the actuarial APR (12 CFR 1026.22, Appendix J), the
#: APRC (Directive (EU) 2023/2225 annex III; CONC App 1).
AnnualCost = Literal["cn_irr", "us_reg_z", "eu_aprc"]
Evidence = Literal["none", "requested", "received", "verified"]
GRADES: tuple[GradeName, ...] = get_args(GradeName)
PRODUCT_KINDS: tuple[ProductKind, ...] = get_args(ProductKind)
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
LENDER_TYPES: tuple[LenderType, ...] = get_args(LenderType)
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)

#: Highest share of the income that may serve debts where Chinese law binds, in basis points.
_CHINESE_DSR_LIMIT_BP = 5_500


@dataclass(frozen=True)
class Cap(Table):
    """Highest all-in annual cost: `rate_bp` basis points measured by `method`.

    `lpr_multiple_bp` (40000 = four times) adds a second ceiling on the one-year loan prime rate; 0: none.
    """

    method: Literal["simple_irr", "compound_irr"]
    rate_bp: Whole
    lpr_multiple_bp: Whole


@dataclass(frozen=True)
class KindLimit(Table):
    """What the law or the lender allows for one kind of product: whether it is sold, months, cents."""

    allowed: Flag
    max_term_m: Whole
    max_amount_cents: Whole


Kinds = Annotated[Mapping[str, KindLimit], Each(PRODUCT_KINDS)]


@dataclass(frozen=True)
class Amounts(Table):
    """Smallest plan and step of amounts in cents; the product whose longest term measures affordability."""

    minimum_cents: Whole
    step_cents: Whole
    reference_product: Text


@dataclass(frozen=True)
class Age(Table):
    """Completed years: youngest customer, and oldest at the end of a plan (0: no such bound)."""

    minimum_y: Whole
    maximum_at_end_y: Whole


@dataclass(frozen=True)
class Gates(Table):
    """Thresholds that the decision rules name: days, counts, basis points, grades."""

    max_current_dpd: Whole
    serious_dpd_12m: Whole
    review_dpd_12m: Whole
    max_running_plans: Whole
    max_lenders: Whole
    max_new_lenders_3m: Whole
    max_revolving_use_bp: Whole
    max_gambling_share_bp: Whole
    worst_grade: GradeName
    worst_automatic_grade: GradeName
    worst_thin_file_grade: GradeName
    max_expected_loss_bp: Whole


def _within_law(dsr_limit_bp: int, info: ValidationInfo) -> int:
    if info.context and info.context["jurisdiction"] == "CN" and dsr_limit_bp > _CHINESE_DSR_LIMIT_BP:
        raise PolicyError(
            f"{dsr_limit_bp} is above {_CHINESE_DSR_LIMIT_BP}: a lender's own debt service limit may be lower than"
            " 55 %, never higher"
        )
    return dsr_limit_bp


@dataclass(frozen=True)
class Affordability(Table):
    """How much a month a customer can bear.

    `dsr_limit_bp`: debt service with the new plan over income. `stress_dsr_limit_bp`: the same after income falls by
    `stress_income_drop_bp`. The larger of `living_cost_floor_cents` and `living_cost_share_bp` (of income) stays with
    the customer. `cash_flow_share_bp`: share of free cash flow a new plan may take.
    """

    dsr_limit_bp: Annotated[Whole, AfterValidator(_within_law)]
    stress_dsr_limit_bp: Whole
    stress_income_drop_bp: Whole
    living_cost_floor_cents: Whole
    living_cost_share_bp: Whole
    cash_flow_share_bp: Whole


@dataclass(frozen=True)
class Exposure(Table):
    """Own plans at most `own_max_cents`; debt and card limits at all lenders against monthly income (10000 = once)."""

    own_max_cents: Whole
    debt_income_multiple_bp: Whole
    card_limit_income_multiple_bp: Whole


@dataclass(frozen=True)
class Grade(Table):
    """Per grade: limit, longest term, yearly expected loss and margin in basis points of the balance."""

    limit_cents: Whole
    max_term_m: Whole
    loss_bp: Whole
    margin_bp: Whole


def _in_order(grades: Mapping[str, Grade]) -> Mapping[str, Grade]:
    """PolicyError where a better grade has a lower limit, a shorter term or a higher price."""
    mistakes = []
    for better, worse in pairwise(GRADES):
        b, w = grades[better], grades[worse]
        if b.limit_cents < w.limit_cents or b.max_term_m < w.max_term_m:
            mistakes.append(f"grade {better} has a lower limit or a shorter term than grade {worse}")
        if b.loss_bp > w.loss_bp or b.loss_bp + b.margin_bp > w.loss_bp + w.margin_bp:
            mistakes.append(f"grade {better} is dearer than grade {worse}")
    if mistakes:
        raise PolicyError(*mistakes)
    return grades


Grades = Annotated[Mapping[str, Grade], Each(GRADES), AfterValidator(_in_order)]


def _not_below_starter(step_up_limit_cents: int, info: ValidationInfo) -> int:
    if info.data.get("step_up_payments") and step_up_limit_cents < info.data.get("limit_cents", 0):
        raise PolicyError("the step up is below the starter limit")
    return step_up_limit_cents


@dataclass(frozen=True)
class Treatment(Table):
    """Per behaviour segment: grades better (-) or worse (+), share of the grade's limit, own bounds (0: none).

    After `step_up_payments` installments paid on time in a row (0: never) `limit_cents` becomes `step_up_limit_cents`.
    """

    grade_notch: Signed
    limit_share_bp: Whole
    limit_cents: Whole
    max_term_m: Whole
    step_up_payments: Whole
    step_up_limit_cents: Annotated[Whole, AfterValidator(_not_below_starter)]


def _by_name(treatments: Mapping[str, Treatment]) -> Mapping[str, Treatment]:
    return dict(sorted(treatments.items()))


#: `standard` stands for every segment that is not named.
Treatments = Annotated[Mapping[str, Treatment], Each(("standard",), others=True), AfterValidator(_by_name)]


@dataclass(frozen=True)
class Line(Table):
    """How a line in force moves: by at most a share up, months after its last change; down at once."""

    max_rise_bp: Whole
    rise_wait_m: Whole


@dataclass(frozen=True)
class SecondPlan(Table):
    """The gate to a further plan: months on the books, share of what the plans cost paid, plans at most."""

    min_on_book_m: Whole
    min_paid_bp: Whole
    max_plans: Whole


@dataclass(frozen=True)
class InterestFree(Table):
    """Longest interest-free plan in months; it has an installment a month, so this bounds their number too."""

    max_term_m: Whole


@dataclass(frozen=True)
class Purposes(Table):
    """What the lender may not finance, by purpose code."""

    barred: tuple[Purpose, ...]


@dataclass(frozen=True)
class Notices(Table):
    """Notice to a customer who is refused: days to send it (0: when asked for), and how many reasons at most."""

    adverse_days: Whole
    max_reasons: Whole


@dataclass(frozen=True)
class Pricing(Table):
    """Price before loss and margin: funding and operating cost a year, add-on per further year; payment rounding.

    `cap_tolerance_bp`: how far below its price a cell may still be sold at the cap (the margin gives way); beyond it
    the price is above the cap and nothing is sold.
    """

    funding_bp: Whole
    operating_bp: Whole
    term_step_bp: Whole
    cap_tolerance_bp: Whole
    payment_rounding: Literal["half_up", "half_even", "up"]


@dataclass(frozen=True)
class Subsidy(Table):
    """Fiscal interest subsidy: yearly points, at most a share of the rate, cents a year; 0 points: none in force."""

    rate_bp: Whole
    max_rate_share_bp: Whole
    yearly_max_cents: Whole
    covers_card_installment: Flag


@dataclass(frozen=True)
class Offers(Table):
    """Days a pre-qualification holds, a request stays open, a market price counts; ranking weights (sum 10000)."""

    prequalified_days: Whole
    request_open_days: Whole
    market_price_days: Whole
    weight_cost_bp: Whole
    weight_payment_bp: Whole
    weight_preference_bp: Whole
    weight_margin_bp: Whole
    weight_market_bp: Whole


def _weighed(offers: Offers) -> Offers:
    customers = offers.weight_cost_bp + offers.weight_payment_bp + offers.weight_preference_bp + offers.weight_market_bp
    if customers + offers.weight_margin_bp != 10_000 or offers.weight_margin_bp > offers.weight_cost_bp:
        raise PolicyError("weights sum to 10000 and the margin weighs no more than the cost")
    return offers


WeighedOffers = Annotated[Offers, AfterValidator(_weighed)]


@dataclass(frozen=True)
class Payout(Table):
    """To whom an amount may be paid: above `self_paid_max_cents` (0: no such bound) only to the provider's account."""

    self_paid_max_cents: Whole


def _not_below_floor(income_cv_cap_bp: int, info: ValidationInfo) -> int:
    if income_cv_cap_bp < info.data.get("income_cv_floor_bp", 0):
        raise PolicyError(f"{income_cv_cap_bp} is below income_cv_floor_bp, {info.data['income_cv_floor_bp']}")
    return income_cv_cap_bp


@dataclass(frozen=True)
class Sustainability(Table):
    """How sure it must be that a plan is kept: highest bound on the chance that it breaks within a year, in bp.

    `income_cv_unknown_bp` stands for the income's coefficient of variation where none is known; a known one counts as
    at least `income_cv_floor_bp` and at most `income_cv_cap_bp`.
    """

    plan_break_max_bp: Annotated[Whole, Field(gt=0, lt=10_000)]
    income_cv_floor_bp: Annotated[Whole, Field(gt=0)]
    income_cv_cap_bp: Annotated[Whole, AfterValidator(_not_below_floor)]
    income_cv_unknown_bp: Whole


@dataclass(frozen=True)
class DefaultCosts(Table):
    """What not keeping a plan costs, and ending it early.

    Late interest on overdue principal is the contract rate raised by `penalty_addon_share_bp`, at most
    `penalty_max_bp` a year; `late_fee_share_bp` of an overdue installment once; `early_settlement_fee_bp` of what is
    repaid early; whether unpaid interest bears interest.
    """

    penalty_addon_share_bp: Whole
    penalty_max_bp: Whole
    late_fee_share_bp: Whole
    early_settlement_fee_bp: Whole
    compound_on_arrears: Flag


@dataclass(frozen=True)
class Plans(Table):
    """Personalised agreements on one debt, months of one, and whether an installment balance may be installed again."""

    max_personalised_agreements: Whole
    personalised_max_term_m: Whole
    reinstallment_allowed: Flag


@dataclass(frozen=True)
class Hysteresis(Table):
    """Months a better grade must have held, and the points between entry and exit of a grade."""

    cooldown_m: Whole
    exit_band_points: Whole


@dataclass(frozen=True)
class Attributes(Table):
    """Columns no rule may read, and those only gates or evidence may (each switched off by leaving it out).

    `spouse_counts`: a signed spouse's income counts, and then the spouse's debts. `social_alerts`: contact checks by
    social data, where the customer consents, for fraud alerts. Neither ever brings anything into the score.
    """

    prohibited: tuple[Text, ...]
    gates_only: tuple[Text, ...]
    spouse_counts: Flag
    social_alerts: Flag


@dataclass(frozen=True)
class Disclosure(Table):
    """Which cost figures and documents an offer owes; the annual cost shown first, and its decimals in per cent."""

    annual_cost: AnnualCost
    annual_cost_decimals: Whole

    show_annual_cost: Flag
    show_cost_as_interest: Flag
    all_in_cost_sheet: Flag


@dataclass(frozen=True)
class Classification(Table):
    """Days past due from which a debt is 次级, 可疑, 损失; observation of a restructured one in months."""

    substandard_dpd: Whole
    doubtful_dpd: Whole
    loss_dpd: Whole
    observation_m: Whole


def _each_once(order: tuple[str, ...]) -> tuple[str, ...]:
    if sorted(order) != ["fee", "interest", "principal"]:
        raise PolicyError("names interest, fee and principal, each once")
    return order


Order = Annotated[tuple[Literal["fee", "interest", "principal"], ...], AfterValidator(_each_once)]


@dataclass(frozen=True)
class Servicing(Table):
    """How money on a running plan is allocated and judged.

    `allocation_by` "installment" settles the oldest first, "component" all overdue of one before the next, in
    `allocation_order`; beyond `late_allocation_dpd` days past due (0: never) the `late_` pair holds. An installment
    paid within `grace_days`, or short by at most `shortfall_tolerance_cents`, is paid; an early settlement short by
    `settlement_tolerance_cents` closes the plan, a part repaid early makes it `shorter` or its installments `lower`.
    """

    allocation_by: Literal["installment", "component"]
    allocation_order: Order
    late_allocation_dpd: Whole
    late_allocation_by: Literal["installment", "component"]
    late_allocation_order: Order
    grace_days: Whole
    shortfall_tolerance_cents: Whole
    settlement_tolerance_cents: Whole
    part_prepayment: PartPrepayment
