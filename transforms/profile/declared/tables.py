"""The profile's tables as lists of their columns, in the contract's order; what else follows from the declarations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from transforms.profile.declared.credit import BUREAU, CARDS
from transforms.profile.declared.definition import Definition, keyed
from transforms.profile.declared.money import FLOWS, OBLIGATIONS
from transforms.profile.declared.own_credit import PLANS
from transforms.profile.declared.person import PERSON
from transforms.profile.declared.shopping import SHOPPING

if TYPE_CHECKING:
    from transforms.profile.declared.definition import Consent

_INTERNAL = partial(Definition, as_of="night", classification="internal")

CUSTOMER_PROFILE: tuple[Definition, ...] = (
    *keyed(),
    *PERSON,
    *FLOWS,
    *OBLIGATIONS,
    *BUREAU,
    *CARDS,
    *SHOPPING,
    *PLANS,
)

_LINES = partial(
    Definition,
    source="bank.bank_transaction",
    as_of="events",
    window="6 pay cycles of a month",
    consent="bank_statement",
)
_MASTER = partial(Definition, source="bank.customer", as_of="state", unit="cents", minimum=0)

INCOME_ESTIMATE: tuple[Definition, ...] = (
    *keyed(),
    Definition(
        "income_cents",
        "BIGINT",
        "Monthly income by the best source; of pay on bank lines the lower of the medians of the last six and the last "
        "three pay cycles, or the last three where they agree; empty when unknown.",
        "月收入",
        "bank.customer, bank.bank_transaction",
        "night",
        how="amount of income_source",
        unit="cents",
        minimum=0,
    ),
    Definition(
        "income_source",
        "VARCHAR",
        "The source it is taken from, best first: tax, social_security, payroll (pay seen on bank lines, by text or by "
        "regularity), gig (irregular pay by text), employer_proof, recurring (other regular credits), stated, none.",
        "收入来源",
        "bank.customer, bank.bank_transaction",
        "night",
        how="the best of those there are",
        required=True,
        values=("tax", "social_security", "payroll", "gig", "employer_proof", "recurring", "stated", "none"),
    ),
    Definition(
        "income_confidence",
        "DOUBLE",
        "How sure, from 0 to 1: the source; for bank lines how the payer is known, cycles seen and missed, their "
        "steadiness, whether the level moves, whether a proof agrees.",
        "收入置信度",
        "",
        "night",
        how="confidence of the source times the shares left by each doubt",
        required=True,
        minimum=0,
        maximum=1,
    ),
    _LINES(
        "months_seen",
        "INTEGER",
        "Pay cycles of the last six with pay.",
        "有收入月数",
        how="cycles of the main payer with pay",
        unit="cycles",
        required=True,
        minimum=0,
        maximum=6,
    ),
    _LINES(
        "months_missed",
        "INTEGER",
        "Pay cycles since the first of them that went without pay.",
        "断薪月数",
        how="cycles due without pay",
        unit="cycles",
        required=True,
        minimum=0,
        maximum=6,
    ),
    _LINES(
        "income_cv",
        "DOUBLE",
        "Standard deviation over mean of those cycles; empty without bank lines.",
        "收入变异系数",
        how="standard deviation over mean of the main payer's cycles",
        unit="ratio",
        minimum=0,
    ),
    _LINES(
        "income_drift",
        "DOUBLE",
        "Median of the last three cycles over that of the last six: below 1 income falls; empty without bank lines.",
        "收入趋势",
        how="median of three cycles over median of six",
        unit="ratio",
        minimum=0,
    ),
    _LINES(
        "payroll_basis",
        "VARCHAR",
        "How pay is known: labelled (text or code says so), company (a firm or public body pays like an employer), "
        "person (an unknown payer does); empty without pay.",
        "工资识别依据",
        how="what the payer's lines say",
        values=("labelled", "company", "person"),
    ),
    _LINES("payroll_cents", "BIGINT", "What pay comes to a month.", "工资月收入", unit="cents", minimum=0),
    _LINES("gig_cents", "BIGINT", "What irregular pay comes to a month.", "零工月收入", unit="cents", minimum=0),
    _LINES(
        "recurring_cents",
        "BIGINT",
        "What other regular credits of one payer (family, benefits) come to a month.",
        "规律性入账月收入",
        unit="cents",
        minimum=0,
    ),
    _MASTER(
        "verified_cents",
        "BIGINT",
        "What an official or employer proof says, when not older than a year.",
        "核实月收入",
        how="verified_income_cents while fresh",
    ),
    _MASTER("stated_cents", "BIGINT", "What the customer states.", "自报月收入", how="stated_income_cents"),
    _LINES(
        "last_salary_on",
        "DATE",
        "Day of the last line labelled salary or pension that is no own transfer and was not taken back; empty without "
        "one in seven months.",
        "最近工资入账日",
        how="greatest posted_on of labelled lines",
        window="7 months trailing",
    ),
    _LINES(
        "salary_due_by",
        "DATE",
        "Last day on which the next salary is in time by the customer's own rhythm: the latest usual day of the pay "
        "cycle after the last one paid, and five days; later it is overdue. Of several salaries that of the largest "
        "that still comes; empty before three cycles show a rhythm.",
        "下次工资最晚应到日",
        how="latest usual day of the next pay cycle plus five days",
    ),
    _LINES(
        "salary_now_cents",
        "BIGINT",
        "What lines labelled salary or pension brought in the pay cycle last due, a month's worth: 0 where it is "
        "overdue; empty without such lines.",
        "本期工资月额",
        how="sum over payers of the cycle last due",
        unit="cents",
        minimum=0,
    ),
    _LINES(
        "salary_before_cents",
        "BIGINT",
        "What they usually brought in the cycles before that one, a month's worth; empty before three cycles show it.",
        "此前工资月额",
        how="median of the cycles with pay before the one last due, summed over payers",
        unit="cents",
        minimum=0,
    ),
)

_DEBT = partial(
    Definition, source="credit.credit_account, servicing.plan_progress, bank.household_member", as_of="state"
)

DEBT_LEDGER: tuple[Definition, ...] = (
    *keyed(
        _INTERNAL(
            "debt_id",
            "VARCHAR",
            "Token of the credit account, number of the own plan, or number of the household record.",
            "债务编号",
            source="credit.credit_account, servicing.plan_progress, bank.household_member",
        )
    ),
    _INTERNAL(
        "debt_source",
        "VARCHAR",
        "Where it is known from; household: a spouse's debts that count with the spouse's income.",
        "来源",
        source="",
        required=True,
        values=("bureau", "own_plan", "household"),
    ),
    _DEBT("is_own", "BOOLEAN", "Whether the lender's own.", "是否本行", required=True),
    _DEBT("lender_code", "VARCHAR", "The lender; empty for own plans and for a spouse's debts.", "机构代码"),
    _DEBT("account_kind", "VARCHAR", "Kind of credit.", "账户种类", required=True),
    _DEBT(
        "balance_cents",
        "BIGINT",
        "Outstanding balance: of own plans tonight, of others as last reported; of a spouse's debts unknown and nil.",
        "余额",
        unit="cents",
        required=True,
        minimum=0,
    ),
    _DEBT("credit_limit_cents", "BIGINT", "Limit or granted amount.", "授信额度", unit="cents", minimum=0),
    _DEBT(
        "monthly_service_cents",
        "BIGINT",
        "Payment a month: as reported, else the assumed share of a revolving balance, else the plan's installment.",
        "月还款额",
        unit="cents",
        required=True,
        minimum=0,
    ),
    _DEBT(
        "lender_service_cents",
        "BIGINT",
        "Payments a month to the same lender, all debts with it together; own plans count to this lender.",
        "同一机构月还款额",
        how="sum of monthly_service_cents of the customer's debts with the lender",
        unit="cents",
        required=True,
        minimum=0,
    ),
    _INTERNAL(
        "service_basis",
        "VARCHAR",
        "How that payment is known.",
        "月还款依据",
        source="",
        required=True,
        values=("reported", "min_payment_share", "plan_installment", "declared", "none"),
    ),
    _DEBT(
        "dpd",
        "INTEGER",
        "Days past due: of own plans tonight, of others as last reported.",
        "逾期天数",
        unit="days",
        required=True,
        minimum=0,
    ),
    _DEBT("overdue_cents", "BIGINT", "Amount past due.", "逾期金额", unit="cents", required=True, minimum=0),
    _DEBT("reported_on", "DATE", "Day the figures stand for.", "报告日期", required=True),
)

RISK_POINT: tuple[Definition, ...] = (
    *keyed(
        Definition(
            "risk_code",
            "VARCHAR",
            "Which risk point.",
            "风险点代码",
            "reference risk_points",
            "night",
            how="code of the rule that holds",
        )
    ),
    Definition(
        "severity",
        "VARCHAR",
        "How serious: info, watch, high.",
        "严重程度",
        "reference risk_points",
        "night",
        required=True,
        values=("info", "watch", "high"),
    ),
    Definition(
        "evidence_key",
        "VARCHAR",
        "Column of profile.customer_profile that shows it.",
        "证据字段",
        "reference risk_points",
        "night",
        required=True,
        classification="internal",
    ),
    Definition(
        "evidence_value",
        "VARCHAR",
        "Its value that night, as text.",
        "证据值",
        "profile.customer_profile",
        "night",
        how="the column's value",
    ),
    Definition(
        "text_en",
        "VARCHAR",
        "What it says, in English.",
        "英文说明",
        "reference risk_points",
        "night",
        required=True,
        classification="internal",
    ),
    Definition(
        "text_zh",
        "VARCHAR",
        "What it says, in Chinese.",
        "中文说明",
        "reference risk_points",
        "night",
        required=True,
        classification="internal",
    ),
)

TABLES: dict[str, tuple[Definition, ...]] = {
    "profile.customer_profile": CUSTOMER_PROFILE,
    "profile.income_estimate": INCOME_ESTIMATE,
    "profile.debt_ledger": DEBT_LEDGER,
    "profile.risk_point": RISK_POINT,
}


def published(table: str) -> list[str]:
    """The columns of a table that readers see, in order."""
    return [d.name for d in TABLES[table] if d.published]


def under_consent(consent: Consent) -> list[str]:
    """Columns of the customer profile that a withheld consent empties, unpublished ones among them."""
    return [d.name for d in CUSTOMER_PROFILE if d.consent == consent]


def nil_by_default() -> list[str]:
    """Columns of the customer profile for which nothing known counts as 0."""
    return [d.name for d in CUSTOMER_PROFILE if d.nil]


def formulas() -> dict[str, str]:
    """Derived columns of the customer profile with their SQL, in order; none reads another."""
    return {d.name: d.formula for d in CUSTOMER_PROFILE if d.formula}
