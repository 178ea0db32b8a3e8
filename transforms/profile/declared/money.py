"""Columns of bank accounts: flows, spending and its mix, balances, buffer, obligations."""

from __future__ import annotations

from functools import partial

from transforms.profile.declared.definition import Definition, derived, dispersion, ratio, windowed
from transforms.windows.features import SPENDING, features_of

_BANK = "bank.bank_transaction"
_BALANCE = partial(
    Definition,
    source="bank.account_balance",
    as_of="events",
    window="3 months trailing",
    unit="cents",
    consent="bank_statement",
)
_FORMULA = partial(derived, consent="bank_statement")
_ZH = {
    "rent": "房租",
    "utilities": "生活缴费",
    "groceries": "食品日用",
    "medical": "医疗",
    "insurance": "保险",
    "education": "教育",
    "travel": "出行",
    "shopping": "购物",
    "gambling": "博彩",
    "cash": "取现",
}
_WORDS = {
    "utilities": "household supply",
    "groceries": "food",
    "medical": "health",
    "shopping": "card and wallet purchases",
}

#: Pay moved before a holiday leaves two salaries in three months; what usually comes counts, a rise does not.
_THREE_SALARIES = "LEAST(salary_now_cents, salary_before_cents) * 3"
_SALARY_IN_TIME = f"salary_due_by >= as_of_date AND {_THREE_SALARIES} > salary_cents_3m"

FLOWS: tuple[Definition, ...] = (
    *(d for f in features_of(_BANK) for d in windowed(f, "bank_statement")),
    *(
        _FORMULA(
            f"net_flow_cents_{w}m",
            "BIGINT",
            f"flow_in_cents_{w}m - flow_out_cents_{w}m",
            f"Credits less debits of the last {w} months, borrowed money and own savings apart.",
            f"近{w}月净现金流",
            unit="cents",
        )
        for w in (3, 12)
    ),
    _FORMULA(
        "net_flow_by_pay_cents_3m",
        "BIGINT",
        f"flow_in_cents_3m - flow_out_cents_3m + CASE WHEN {_SALARY_IN_TIME} THEN {_THREE_SALARIES} - salary_cents_3m "
        "ELSE 0 END",
        "Credits less debits of the last 3 months as if three months' salary had come in, where a pay day moved out of "
        "them and the next salary is not overdue.",
        "近3月净现金流(按发薪周期)",
        unit="cents",
    ),
    _FORMULA(
        "spend_trend_3m",
        "DOUBLE",
        "CASE WHEN spend_cents_6m > spend_cents_3m THEN spend_cents_3m / (spend_cents_6m - spend_cents_3m) END",
        "Spending of the last 3 months over that of the 3 before; empty without any then.",
        "近3月消费环比",
        unit="ratio",
        minimum=0,
    ),
    _FORMULA(
        "spend_trend_12m",
        "DOUBLE",
        "CASE WHEN spend_cents_12m > 0 THEN spend_cents_3m * 4 / spend_cents_12m END",
        "Spending of the last 3 months, for a year, over that of the last 12; empty without any.",
        "近3月消费相对全年",
        unit="ratio",
        minimum=0,
    ),
    _FORMULA(
        "spend_cv_12m",
        "DOUBLE",
        dispersion("spend_cents"),
        "How far monthly spending of the last month, months 2 to 3, 4 to 6 and 7 to 12 lies apart: standard deviation, "
        "weighted by months, over the mean.",
        "近12月消费波动",
        unit="ratio",
        minimum=0,
    ),
    ratio(
        "essential_share_12m",
        "essential_cents_12m",
        "spend_cents_12m",
        "Essential spending over all spending, last 12 months; empty without spending.",
        "近12月必要支出占比",
        unit="share of spending",
        consent="bank_statement",
    ),
    *(
        ratio(
            f"{name}_share_12m",
            f"{name}_cents_12m",
            "spend_cents_12m",
            f"Spent on {_WORDS.get(name, name)} over all spending, last 12 months; empty without spending.",
            f"近12月{_ZH[name]}支出占比",
            unit="share of spending",
            consent="bank_statement",
        )
        for name in SPENDING.values()
    ),
    *(
        _FORMULA(
            f"{name}_income_share_3m",
            "DOUBLE",
            f"CASE WHEN income_cents > 0 THEN {column}_cents_3m / (income_cents * 3) END",
            f"{words} in the last 3 months over three months' income; empty when income is unknown or nil.",
            zh,
            unit="share of income",
            minimum=0,
        )
        for name, column, words, zh in (
            ("rent", "rent", "Rent paid", "近3月房租收入比"),
            ("debt_paid", "debt_paid", "Repaid to lenders over bank accounts", "近3月实际偿债收入比"),
            ("gambling", "gambling", "Spent on gambling", "近3月博彩收入比"),
        )
    ),
    _BALANCE(
        "balance_avg_cents_3m",
        "BIGINT",
        "Sum over accounts of the mean balance of the last 3 months, each struck balance standing until the next.",
        "近3月平均余额",
        how="mean over the days since the first balance known, rounded down",
    ),
    _BALANCE(
        "balance_min_cents_3m",
        "BIGINT",
        "Sum over accounts of the lowest balance of the last 3 months.",
        "近3月最低余额",
        how="min of balance_cents",
    ),
    _BALANCE(
        "balance_last_cents",
        "BIGINT",
        "Sum over accounts of the balance struck last.",
        "最新余额",
        how="balance_cents of the newest balance_date",
    ),
    Definition(
        "liquid_buffer_m",
        "DOUBLE",
        "Months of obligations (debt service and living cost) the average balance covers; 0 for a negative balance.",
        "存款缓冲月数",
        "",
        "night",
        how="balance_avg_cents_3m / (debt_service_cents + living cost)",
        unit="months",
        consent="bank_statement",
        minimum=0,
    ),
)

OBLIGATIONS: tuple[Definition, ...] = (
    Definition(
        "debt_service_cents",
        "BIGINT",
        "Sum of monthly_service_cents of the debt ledger.",
        "月偿债额",
        "profile.debt_ledger",
        "night",
        how="sum of monthly_service_cents",
        unit="cents",
        required=True,
        nil=True,
        minimum=0,
    ),
    Definition(
        "debt_balance_cents",
        "BIGINT",
        "Balance of all debts.",
        "债务余额",
        "profile.debt_ledger",
        "night",
        how="sum of balance_cents",
        unit="cents",
        nil=True,
        minimum=0,
    ),
    Definition(
        "top_lender_share",
        "DOUBLE",
        "Share of debt service that goes to the lender taking most; empty without debt service.",
        "最大机构偿债占比",
        "profile.debt_ledger",
        "night",
        how="greatest lender_service_cents over debt_service_cents",
        unit="share of debt service",
        minimum=0,
        maximum=1,
    ),
    Definition(
        "obligations_cents",
        "BIGINT",
        "What falls due a month whatever happens: debt service and the monthly mean of rent paid over 3 months.",
        "月固定支出",
        "",
        "night",
        how="debt_service_cents + rent_cents_3m // 3, rent counting nil where it may not be read",
        unit="cents",
        required=True,
        minimum=0,
    ),
    derived(
        "dsr",
        "DOUBLE",
        "CASE WHEN income_cents > 0 THEN debt_service_cents / (income_cents + household_income_cents) END",
        "Debt service over income, a spouse's that counts included; empty when income is unknown or nil.",
        "偿债比",
        unit="share of income",
        minimum=0,
    ),
    Definition(
        "free_cash_flow_cents",
        "BIGINT",
        "Income less living cost (the greater of the policy's floor and share of income) less debt service; negative "
        "when it does not suffice; empty when income is unknown.",
        "可支配现金流",
        "",
        "night",
        how="income_cents + household_income_cents - living cost - debt_service_cents",
        unit="cents",
    ),
)
