"""The figures of a policy, section by section, each field with its unit; a policy file says all of them.

Every section is read from the flattened figures `section.field` (:mod:`transforms.policy.policy`). There are no
defaults: a field that no section declares is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

GRADES = ("A", "B", "C", "D", "E", "F", "G")
PRODUCT_KINDS = ("card_installment", "cash_advance", "consumption_loan")
PURPOSES = ("appliance", "car", "education", "medical", "travel", "general")
LENDER_TYPES = ("bank_card", "consumer_finance", "micro_lender", "facilitated")
CAP_METHODS = ("simple_irr", "compound_irr")
ROUNDINGS = ("half_up", "half_even", "up")
#: Shown first: simple and compound IRR (PBOC公告〔2021〕第3号), the actuarial APR (12 CFR 1026.22, Appendix J), the
#: APRC (Directive (EU) 2023/2225 annex III; CONC App 1).
ANNUAL_COSTS = ("cn_irr", "us_reg_z", "eu_aprc")
ALLOCATIONS = ("installment", "component")
EVIDENCE = ("none", "requested", "received", "verified")
HOLIDAY_INTEREST = ("waive", "accrue", "capitalise")


@dataclass(frozen=True)
class Cap:
    """Highest all-in annual cost: `rate_bp` basis points measured by `method`.

    `lpr_multiple_bp` (40000 = four times) adds a second ceiling on the one-year loan prime rate; 0: none.
    """

    method: str
    rate_bp: int
    lpr_multiple_bp: int


@dataclass(frozen=True)
class KindLimit:
    """What the law or the lender allows for one kind of product: whether it is sold, months, cents."""

    allowed: bool
    max_term_m: int
    max_amount_cents: int


@dataclass(frozen=True)
class Amounts:
    """Smallest plan and step of amounts in cents; the product whose longest term measures affordability."""

    minimum_cents: int
    step_cents: int
    reference_product: str


@dataclass(frozen=True)
class Age:
    """Completed years: youngest customer, and oldest at the end of a plan (0: no such bound)."""

    minimum_y: int
    maximum_at_end_y: int


@dataclass(frozen=True)
class Gates:
    """Thresholds that the decision rules name: days, counts, basis points, grades."""

    max_current_dpd: int
    serious_dpd_12m: int
    review_dpd_12m: int
    max_running_plans: int
    max_lenders: int
    max_new_lenders_3m: int
    max_revolving_use_bp: int
    max_gambling_share_bp: int
    worst_grade: str
    worst_automatic_grade: str
    worst_thin_file_grade: str
    max_expected_loss_bp: int


@dataclass(frozen=True)
class Affordability:
    """How much a month a customer can bear.

    `dsr_limit_bp`: debt service with the new plan over income. `stress_dsr_limit_bp`: the same after income falls by
    `stress_income_drop_bp`. The larger of `living_cost_floor_cents` and `living_cost_share_bp` (of income) stays with
    the customer. `cash_flow_share_bp`: share of free cash flow a new plan may take.
    """

    dsr_limit_bp: int
    stress_dsr_limit_bp: int
    stress_income_drop_bp: int
    living_cost_floor_cents: int
    living_cost_share_bp: int
    cash_flow_share_bp: int


@dataclass(frozen=True)
class Exposure:
    """Own plans at most `own_max_cents`; debt and card limits at all lenders against monthly income (10000 = once)."""

    own_max_cents: int
    debt_income_multiple_bp: int
    card_limit_income_multiple_bp: int


@dataclass(frozen=True)
class Grade:
    """Per grade: limit, longest term, yearly expected loss and margin in basis points of the balance."""

    limit_cents: int
    max_term_m: int
    loss_bp: int
    margin_bp: int


@dataclass(frozen=True)
class Treatment:
    """Per behaviour segment: grades better (-) or worse (+), share of the grade's limit, own bounds (0: none).

    After `step_up_payments` installments paid on time in a row (0: never) `limit_cents` becomes `step_up_limit_cents`.
    """

    grade_notch: int
    limit_share_bp: int
    limit_cents: int
    max_term_m: int
    step_up_payments: int
    step_up_limit_cents: int


@dataclass(frozen=True)
class Line:
    """How a line in force moves: by at most a share up, months after its last change; down at once."""

    max_rise_bp: int
    rise_wait_m: int


@dataclass(frozen=True)
class SecondPlan:
    """The gate to a further plan: months on the books, share of what the plans cost paid, plans at most."""

    min_on_book_m: int
    min_paid_bp: int
    max_plans: int


@dataclass(frozen=True)
class InterestFree:
    """Longest interest-free plan in months; it has an installment a month, so this bounds their number too."""

    max_term_m: int


@dataclass(frozen=True)
class Purposes:
    """What the lender may not finance, by purpose code."""

    barred: tuple[str, ...]


@dataclass(frozen=True)
class Notices:
    """What a customer who is refused is told: days to send it (0: when asked for), and how many reasons at most."""

    adverse_days: int
    max_reasons: int


@dataclass(frozen=True)
class Pricing:
    """Price before loss and margin: funding and operating cost a year, add-on per further year; payment rounding.

    `cap_tolerance_bp`: how far below its price a cell may still be sold at the cap (the margin gives way); beyond it
    the price is above the cap and nothing is sold.
    """

    funding_bp: int
    operating_bp: int
    term_step_bp: int
    cap_tolerance_bp: int
    payment_rounding: str


@dataclass(frozen=True)
class Subsidy:
    """Fiscal interest subsidy: yearly points, at most a share of the rate, cents a year; 0 points: none in force."""

    rate_bp: int
    max_rate_share_bp: int
    yearly_max_cents: int
    covers_card_installment: bool


@dataclass(frozen=True)
class Offers:
    """Days a pre-qualification holds, a request stays open, a market price counts; ranking weights (sum 10000)."""

    prequalified_days: int
    request_open_days: int
    market_price_days: int
    weight_cost_bp: int
    weight_payment_bp: int
    weight_preference_bp: int
    weight_margin_bp: int
    weight_market_bp: int


@dataclass(frozen=True)
class Payout:
    """To whom an amount may be paid: above `self_paid_max_cents` (0: no such bound) only to the provider's account."""

    self_paid_max_cents: int


@dataclass(frozen=True)
class Sustainability:
    """How sure it must be that a plan is kept: highest bound on the chance that it breaks within a year, in bp.

    `income_cv_unknown_bp` stands for the income's coefficient of variation where none is known; a known one counts as
    at least `income_cv_floor_bp` and at most `income_cv_cap_bp`.
    """

    plan_break_max_bp: int
    income_cv_floor_bp: int
    income_cv_cap_bp: int
    income_cv_unknown_bp: int


@dataclass(frozen=True)
class DefaultCosts:
    """What not keeping a plan costs, and ending it early.

    Late interest on overdue principal is the contract rate raised by `penalty_addon_share_bp`, at most
    `penalty_max_bp` a year; `late_fee_share_bp` of an overdue installment once; `early_settlement_fee_bp` of what is
    repaid early; whether unpaid interest bears interest.
    """

    penalty_addon_share_bp: int
    penalty_max_bp: int
    late_fee_share_bp: int
    early_settlement_fee_bp: int
    compound_on_arrears: bool


@dataclass(frozen=True)
class Plans:
    """Personalised agreements on one debt, months of one, and whether an installment balance may be installed again."""

    max_personalised_agreements: int
    personalised_max_term_m: int
    reinstallment_allowed: bool


@dataclass(frozen=True)
class Hysteresis:
    """Months a better grade must have held, and the points between entry and exit of a grade."""

    cooldown_m: int
    exit_band_points: int


@dataclass(frozen=True)
class Attributes:
    """Columns no rule may read, and those only gates or evidence may (each switched off by leaving it out).

    `spouse_counts`: a signed spouse's income counts, and then the spouse's debts. `social_alerts`: contact checks by
    social data, where the customer consents, for fraud alerts. Neither ever brings anything into the score.
    """

    prohibited: tuple[str, ...]
    gates_only: tuple[str, ...]
    spouse_counts: bool
    social_alerts: bool


@dataclass(frozen=True)
class Disclosure:
    """Which cost figures and documents an offer owes; the annual cost shown first, and its decimals in per cent."""

    annual_cost: str
    annual_cost_decimals: int

    show_annual_cost: bool
    show_cost_as_interest: bool
    all_in_cost_sheet: bool


@dataclass(frozen=True)
class Classification:
    """Days past due from which a debt is 次级, 可疑, 损失; observation of a restructured one in months."""

    substandard_dpd: int
    doubtful_dpd: int
    loss_dpd: int
    observation_m: int


@dataclass(frozen=True)
class Contact:
    """Quiet hours of any contact, whole hours of the day, and when to contact.

    Days after a plan's start and before its end; days before a due date of the tip; days to answer complaints and
    other cases.
    """

    quiet_from_h: int
    quiet_to_h: int
    follow_up_days: tuple[int, ...]
    before_maturity_days: int
    tip_days: int
    complaint_days: int
    enquiry_days: int


@dataclass(frozen=True)
class Servicing:
    """How money on a running plan is allocated and judged.

    `allocation_by` "installment" settles the oldest first, "component" all overdue of one before the next, in
    `allocation_order`; beyond `late_allocation_dpd` days past due (0: never) the `late_` pair holds. An installment
    paid within `grace_days`, or short by at most `shortfall_tolerance_cents`, is paid; an early settlement short by
    `settlement_tolerance_cents` closes the plan, a part repaid early makes it `shorter` or its installments `lower`.
    """

    allocation_by: str
    allocation_order: tuple[str, ...]
    late_allocation_dpd: int
    late_allocation_by: str
    late_allocation_order: tuple[str, ...]
    grace_days: int
    shortfall_tolerance_cents: int
    settlement_tolerance_cents: int
    part_prepayment: str


@dataclass(frozen=True)
class Changes:
    """Changes of a running plan that the customer asks for.

    `max_dpd`: days past due up to which they are open. `max_per_year` in 12 months over all kinds, each at least
    `cool_off_m` months after the one before; `due_date_per_year` of them may move the due date, to a day of the month
    up to `last_due_day`. A preview stands for `preview_days`; an agreed change may be undone within `undo_days`.
    A rate is reviewed once in `rate_review_m` months and changed where it falls by `rate_review_gain_bp` or more.
    A further plan or a better rate needs a first plan's behaviour score (0-100) of `min_behaviour_score`.
    """

    min_months_on_book: int
    max_dpd: int
    max_per_year: int
    cool_off_m: int
    due_date_per_year: int
    last_due_day: int
    preview_days: int
    undo_days: int
    rate_review_m: int
    rate_review_gain_bp: int
    min_behaviour_score: int


@dataclass(frozen=True)
class Restructure:
    """The personalised agreement for who cannot pay and wants to.

    `kinds` of products it is for. `evidence`: least status of the hardship's evidence. `cooling_off_m` months since
    the agreement before. `down_payment_bp` of the debt, as far as the deposits beyond `buffer_left_m` months of
    obligations give it. `rate_steps_bp`: shares of the contract rate tried in turn until a payment is affordable;
    `waive_interest_bp` and `waive_fee_bp` of what is overdue are let go. `breaks_after` payments missed break it; then
    all falls due at once, with late interest by `default_costs`.
    """

    kinds: tuple[str, ...]
    evidence: str
    cooling_off_m: int
    down_payment_bp: int
    buffer_left_m: int
    rate_steps_bp: tuple[int, ...]
    waive_interest_bp: int
    waive_fee_bp: int
    breaks_after: int


@dataclass(frozen=True)
class Holiday:
    """A payment holiday: days past due up to which it is open, months, one in `once_in_m` months, evidence needed.

    `medical_interest` and `other_interest` say what becomes of the interest of the pause: "waive", "accrue" (due with
    the first payment after) or "capitalise". Where the income is back to `recovered_income_bp` of what it was, the
    pause can end early.
    """

    max_dpd: int
    min_months: int
    max_months: int
    once_in_m: int
    evidence: str
    medical_interest: str
    other_interest: str
    recovered_income_bp: int
