"""What a line's text says: for each kind of line the texts banks print, with channel and merchant category.

No text names a person or a firm. The codes of the kinds are positions in `TEMPLATES`, which is append-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from warehouse.simulator.draws import Ints


@dataclass(frozen=True)
class Template:
    """A text with what comes along: `line_type` is what the line is, whatever a reader makes of the text."""

    text: str
    direction: str
    channel: str
    line_type: str
    mcc: str | None = None


TEMPLATES: list[Template] = []


def _add(
    direction: str, channel: str, line_type: str, texts: tuple[str, ...], mcc: str | None = None
) -> tuple[int, ...]:
    first = len(TEMPLATES)
    TEMPLATES.extend(Template(text, direction, channel, line_type, mcc) for text in texts)
    return tuple(range(first, len(TEMPLATES)))


_MONTHS = range(1, 13)
_ENGLISH = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WAGE_STYLES = (
    tuple("工资" for _ in _MONTHS),
    tuple(f"{m}月工资" for m in _MONTHS),
    tuple("代发工资" for _ in _MONTHS),
    tuple(f"代发{m:02d}月薪资" for m in _MONTHS),
    tuple("薪酬发放" for _ in _MONTHS),
    tuple("工资薪金-批量代付" for _ in _MONTHS),
)
_ENGLISH_STYLES = (
    tuple("PAYROLL" for _ in _MONTHS),
    tuple(f"SALARY {m}" for m in _ENGLISH),
    tuple(f"MONTHLY WAGES {m}" for m in _ENGLISH),
)
_WAGES = np.array([_add("credit", "transfer", "salary", style) for style in _WAGE_STYLES])
_ENGLISH_WAGES = np.array([_add("credit", "transfer", "salary", style) for style in _ENGLISH_STYLES])
(_VAGUE_WAGE,) = _add("credit", "transfer", "company_in", ("批量转账入账",))
(PERFORMANCE_PAY,) = _add("credit", "transfer", "salary", ("绩效奖金",))
(BONUS,) = _add("credit", "transfer", "salary", ("年终奖",))
(UNEMPLOYMENT_BENEFIT,) = _add("credit", "transfer", "benefit", ("失业保险金发放",))
GIG_PAY = _add("credit", "transfer", "salary", ("骑手配送费结算", "众包服务费", "司机收入提现", "劳务报酬"))
TAKINGS = _add("credit", "online", "transfer_in", ("扫码收款结算", "商户收款入账", "微信转账", "货款 转账"))
(PENSION,) = _add("credit", "transfer", "pension", ("养老金发放",))
(FAMILY_IN,) = _add("credit", "transfer", "support_in", ("转账 生活费",))
(FRIEND_IN,) = _add("credit", "online", "transfer_in", ("微信转账",))
(CASH_IN,) = _add("credit", "atm", "cash_deposit", ("ATM存款",))
(LOAN_IN,) = _add("credit", "transfer", "loan_in", ("贷款发放",))
(INTEREST_IN,) = _add("credit", "other", "interest_in", ("结息",))
(REFUND_IN,) = _add("credit", "card", "refund_in", ("退款",))
(FROM_SAVINGS,) = _add("credit", "transfer", "saving", ("定期转活期",))
(TO_SAVINGS,) = _add("debit", "transfer", "saving", ("转存定期",))
(SAVINGS_IN,) = _add("credit", "transfer", "own_transfer_in", ("本人转入",))
(SAVINGS_OUT,) = _add("debit", "transfer", "transfer_out", ("本人账户转出",))
(RENT,) = _add("debit", "transfer", "rent", ("房租",))
UTILITIES = _add(
    "debit",
    "direct_debit",
    "utilities",
    ("电费 生活缴费", "水费 生活缴费", "燃气费代扣", "话费充值", "物业管理费"),
    "4900",
)
GROCERIES = _add("debit", "card", "groceries", ("超市购物", "便利店消费", "生鲜超市", "菜市场 扫码付款"), "5411")
PURCHASES = _add("debit", "card", "card_payment", ("快捷支付 网上购物", "扫码消费"), "5311")
MEALS = _add("debit", "card", "card_payment", ("餐饮消费", "POS消费 餐厅"), "5812")
FUEL = _add("debit", "card", "card_payment", ("加油站 刷卡消费",), "5541")
TRAVEL = _add("debit", "card", "travel", ("火车票", "机票", "酒店预订"), "4722")
(MEDICAL,) = _add("debit", "card", "medical", ("药房",), "5912")
(HOSPITAL,) = _add("debit", "card", "medical", ("医院住院费",), "8062")
(EDUCATION,) = _add("debit", "online", "education", ("培训学费",), "8299")
(INSURANCE,) = _add("debit", "direct_debit", "insurance", ("保险费代扣",), "6300")
(TAX,) = _add("debit", "online", "tax", ("个人所得税 缴税",))
(FAMILY_OUT,) = _add("debit", "transfer", "transfer_out", ("转账 父母",))
(FRIEND_OUT,) = _add("debit", "online", "transfer_out", ("微信转账",))
(CASH_OUT,) = _add("debit", "atm", "cash_withdrawal", ("ATM取款",), "6011")
GAMBLING = _add("debit", "online", "gambling", ("体彩投注", "彩票"), "7995")
(FAILED_DEBIT,) = _add("debit", "other", "failed_debit_fee", ("扣款失败手续费",))
(MORTGAGE,) = _add("debit", "direct_debit", "debt_service", ("房贷月供",))
(CAR_LOAN,) = _add("debit", "direct_debit", "debt_service", ("车贷还款",))
(CONSUMER_LOAN,) = _add("debit", "direct_debit", "debt_service", ("消费贷款还款",))
(MICRO_LOAN,) = _add("debit", "direct_debit", "debt_service", ("小额贷款还款",))
(CARD_REPAYMENT,) = _add("debit", "transfer", "debt_service", ("信用卡还款",))
(PLAN_REPAYMENT,) = _add("debit", "direct_debit", "debt_service", ("分期还款",))


def wage_templates(month: int, employer: Ints) -> Ints:
    """The wage text of each customer: an employer keeps its style; some write English, few say next to nothing."""
    position = month % 12
    chinese = _WAGES[employer % len(_WAGE_STYLES), position]
    foreign = _ENGLISH_WAGES[employer % len(_ENGLISH_STYLES), position]
    return np.where(employer % 23 == 7, _VAGUE_WAGE, np.where(employer % 7 == 5, foreign, chinese)).astype(np.int64)
