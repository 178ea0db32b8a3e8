"""Windowed features, each declared once: source, what is counted, how it is summed, over which windows, in words.

The SQL of the reductions, the tiles and checkpoints, the names of the profile's columns, their texts in the contract
and the data dictionary: all come from here. As-of rule of every feature: rows that had arrived by the business date,
whose event lies after the same day w months earlier and not after the business date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from transforms.sql import identifier, literals

Aggregation = Literal["sum", "count", "min", "max"]

#: Trailing windows in months that a feature may have; the last is the longest.
WINDOWS = (1, 3, 6, 12)


@dataclass(frozen=True)
class Feature:
    """One windowed feature: `aggregation` of `value` over the rows of `source` for which `where` holds.

    `windows` are those of :data:`WINDOWS` it is computed over. `en` and `zh` say what it is, without the window.
    One that is not `published` only feeds columns derived from it.
    """

    name: str
    source: str
    aggregation: Aggregation
    where: str = "true"
    value: str = "1"
    windows: tuple[int, ...] = WINDOWS
    unit: str = ""
    en: str = ""
    zh: str = ""
    published: bool = True

    def aggregate(self) -> str:
        """SQL of its aggregate over event rows; a sum is cast at once (DuckDB sums to HUGEINT)."""
        if self.aggregation in ("count", "sum"):
            return _sum(self.value if self.aggregation == "sum" else "1", self.where)
        return f"{self.aggregation}({self.value}) FILTER (WHERE {self.where})"

    def merge(self, condition: str | None = None) -> str:
        """SQL that merges partial aggregates of the same feature, those for which `condition` holds."""
        if self.aggregation in ("count", "sum"):
            return _sum(identifier(self.name), condition or "true")
        only = f" FILTER (WHERE {condition})" if condition else ""
        return f"{self.aggregation}({identifier(self.name)}){only}"

    def column(self, window: int) -> str:
        """Name of its column for a window of so many months."""
        return f"{self.name}_{window}m"

    def columns(self) -> list[str]:
        """Names of its columns, window by window."""
        return [self.column(w) for w in self.windows]


def _sum(value: str, where: str) -> str:
    """A sum of the rows for which a condition holds. A CASE: a FILTER per aggregate takes DuckDB half as long again."""
    if where == "true":
        return "count(*)" if value == "1" else f"coalesce(sum({value}), 0)::BIGINT"
    return f"coalesce(sum(CASE WHEN {where} THEN {value} ELSE 0 END), 0)::BIGINT"


_BANK, _ORDER = "bank.bank_transaction", "commerce.commerce_order"
_REFUND, _INQUIRY = "commerce.order_refund", "credit.credit_inquiry"
_WENT_THROUGH = "status NOT IN ('canceled', 'unavailable')"
_LONG = (3, 12)

#: Kinds of bank lines that are spending, with the feature that sums each apart.
SPENDING = {
    "rent": "rent",
    "utilities": "utilities",
    "groceries": "groceries",
    "medical": "medical",
    "insurance": "insurance",
    "education": "education",
    "travel": "travel",
    "card_payment": "shopping",
    "gambling": "gambling",
    "cash_withdrawal": "cash",
}
#: Those of them that cannot well be done without.
ESSENTIAL = ("rent", "utilities", "groceries", "medical", "insurance", "education")


def _types(*names: str) -> str:
    listed = literals(names)
    return f"line_type IN ({listed})" if len(names) > 1 else f"line_type = {listed}"


def _debits(name: str, where: str, windows: tuple[int, ...], en: str, zh: str, *, published: bool = True) -> Feature:
    return Feature(
        name, _BANK, "sum", f"direction = 'debit' AND {where}", "amount_cents", windows, "cents", en, zh, published
    )


def _credits(name: str, where: str, windows: tuple[int, ...], en: str, zh: str, *, published: bool = True) -> Feature:
    return Feature(
        name, _BANK, "sum", f"direction = 'credit' AND {where}", "amount_cents", windows, "cents", en, zh, published
    )


FEATURES: tuple[Feature, ...] = (
    Feature(
        "bank_in_cents",
        _BANK,
        "sum",
        "direction = 'credit'",
        "amount_cents",
        unit="cents",
        en="Credits on bank accounts",
        zh="入账金额",
    ),
    Feature(
        "bank_out_cents",
        _BANK,
        "sum",
        "direction = 'debit'",
        "amount_cents",
        unit="cents",
        en="Debits on bank accounts",
        zh="出账金额",
    ),
    Feature("bank_txn_cnt", _BANK, "count", unit="lines", en="Posted bank lines", zh="银行流水笔数"),
    _credits(
        "salary_cents",
        _types("salary", "pension"),
        WINDOWS,
        "Bank lines labelled salary or pension",
        "工资及养老金入账",
    ),
    _debits("gambling_cents", _types("gambling"), WINDOWS, "Spent on gambling and lotteries", "博彩支出"),
    _debits("cash_cents", _types("cash_withdrawal"), WINDOWS, "Cash withdrawn", "取现金额"),
    Feature(
        "failed_debit_cnt",
        _BANK,
        "count",
        _types("failed_debit_fee"),
        unit="lines",
        en="Fees for debits that could not be paid",
        zh="扣款失败次数",
    ),
    _debits(
        "spend_cents",
        _types(*SPENDING, "other_debit"),
        WINDOWS,
        "Spent, on whatever kind of goods, cash included",
        "消费支出",
    ),
    _debits(
        "essential_cents",
        _types(*ESSENTIAL),
        _LONG,
        "Spent on rent, household supply, food, health, insurance and education",
        "必要支出",
    ),
    _debits("rent_cents", _types("rent"), _LONG, "Rent paid", "房租支出"),
    _debits(
        "debt_paid_cents",
        _types("debt_service"),
        _LONG,
        "Repaid to lenders over bank accounts",
        "偿债支出",
    ),
    _credits("loan_in_cents", _types("loan_in"), _LONG, "Borrowed money paid in", "借款入账"),
    _credits(
        "flow_in_cents",
        "line_type NOT IN ('loan_in', 'saving')",
        _LONG,
        "Credits, borrowed money and own savings apart",
        "入账(不含借款及理财赎回)",
        published=False,
    ),
    _debits(
        "flow_out_cents",
        "line_type <> 'saving'",
        _LONG,
        "Debits, own savings apart",
        "出账(不含理财申购)",
        published=False,
    ),
    *(
        _debits(f"{name}_cents", _types(kind), (12,), f"Spent on {name}", f"{name}支出", published=False)
        for kind, name in SPENDING.items()
        if name not in ("rent", "gambling", "cash")
    ),
    Feature("order_cnt", _ORDER, "count", _WENT_THROUGH, unit="orders", en="Orders that went through", zh="成交订单数"),
    Feature(
        "order_cents",
        _ORDER,
        "sum",
        _WENT_THROUGH,
        "paid_cents",
        unit="cents",
        en="Paid for orders that went through",
        zh="成交订单金额",
    ),
    Feature(
        "installment_order_cnt",
        _ORDER,
        "count",
        f"{_WENT_THROUGH} AND installment_count > 1",
        windows=(12,),
        unit="orders",
        en="Orders paid in installments",
        zh="分期支付订单数",
        published=False,
    ),
    Feature(
        "cancelled_order_cnt",
        _ORDER,
        "count",
        "status = 'canceled'",
        windows=(12,),
        unit="orders",
        en="Orders cancelled",
        zh="取消订单数",
        published=False,
    ),
    Feature(
        "refund_cnt",
        _REFUND,
        "count",
        windows=_LONG,
        unit="refunds",
        en="Refunds of orders",
        zh="退款笔数",
    ),
    Feature(
        "refund_cents",
        _REFUND,
        "sum",
        "true",
        "amount_cents",
        _LONG,
        "cents",
        "Refunded for orders",
        "退款金额",
    ),
    Feature(
        "inquiry_cnt",
        _INQUIRY,
        "count",
        "inquiry_reason IN ('loan_approval', 'card_approval')",
        unit="inquiries",
        en="Bureau inquiries of lenders for a loan or card",
        zh="贷款及信用卡审批查询次数",
    ),
)

#: The date of the event of each windowed source.
EVENT_DATE = {_BANK: "posted_on", _ORDER: "ordered_on", _REFUND: "refunded_on", _INQUIRY: "inquired_on"}
#: The columns that the features of each read.
COLUMNS_READ = {
    _BANK: ("direction", "line_type", "amount_cents"),
    _ORDER: ("status", "installment_count", "paid_cents"),
    _REFUND: ("amount_cents",),
    _INQUIRY: ("inquiry_reason",),
}


def features_of(source: str) -> tuple[Feature, ...]:
    """The features of one source, in order."""
    return tuple(f for f in FEATURES if f.source == source)


def kept_features(source: str) -> tuple[Feature, ...]:
    """What tiles and checkpoints hold: the features, and how many rows the longest window has.

    A customer whose last row has left the longest window is in none any more, whatever the features come to.
    """
    return (
        *features_of(source),
        Feature("row_cnt", source, "count", windows=(windows_of(source)[-1],), published=False),
    )


def windows_of(source: str) -> list[int]:
    """The windows that any feature of one source has, shortest first."""
    return sorted({w for f in features_of(source) for w in f.windows})
