"""The personalised agreement as a text to print, in English and in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLASSES_ZH = {"special_mention": "关注", "substandard": "次级", "doubtful": "可疑", "loss": "损失"}


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _percent(fraction: str) -> str:
    return f"{float(fraction):.2%}"


def english(content: Mapping[str, Any]) -> str:
    """The agreement in English; lines to fill in are marked by underscores."""
    balance, repayment, cost, _, rights, other = content["items"]
    make_up, broken = balance["make_up"], content["if_broken"]
    currency, late = balance["currency"], broken["late_interest_rate_bp"] / 10_000
    lines = [
        "PERSONALISED INSTALLMENT AGREEMENT",
        f"Plan {content['plan_id']}. Rule: {content['rule']}. Open for signature until {content['valid_until']}. "
        f"Amounts and dates are for signing on {content['computed_on']}; signed later they are computed for that day.",
        "",
        f"1. Debt. {currency} {_money(balance['balance_cents'])}: principal {_money(make_up['principal_cents'])}, "
        f"overdue interest {_money(make_up['overdue_interest_cents'])}, of which {_money(make_up['waived_cents'])} "
        "is let go.",
        f"2. Repayment. Monthly in {currency}, {repayment['method']}, {repayment['term_months']} payments"
        + (f", {_money(repayment['down_payment_cents'])} at once" if repayment["down_payment_cents"] else "")
        + ":",
        *(f"   {p['due_on']}  {_money(p['payment_cents']):>14}" for p in repayment["payments"]),
        f"3. Interest and fees. Rate {_percent(cost['annual_rate'])} a year, in all {_money(cost['interest_cents'])}; "
        "no annual fee and no other fee is charged.",
        "4. Until everything under this agreement is repaid the cardholder applies to no bank for a credit card.",
        "5. Rights and breach. Collection stops while the agreement is kept. It may be repaid early at any time, "
        f"interest by actual use, and undone within {rights['undo_days']} days. It is broken when "
        f"{rights['breaks_after_missed_payments']} payments in a row stand unpaid: then all that is left falls due at "
        f"once (up to {_money(broken['accelerated_cents'])}), late interest of {late:.2%} a year runs "
        f"({_money(broken['penalty_month_cents'])} in the first month), and collection resumes.",
        "6. Other. The lender reports it to the credit bureau as a personalised card installment (code "
        f"{other['bureau_special_transaction']}) and keeps the debt in its books in the class "
        f"{content['class_on_signing'].replace('_', ' ')}, "
        f"under observation at least until {content['observation_until']}. Evidence of the difficulty is kept apart.",
        "",
        "Cardholder ____________________   Lender ____________________   Date ____________",
    ]
    return "\n".join(lines)


def chinese(content: Mapping[str, Any]) -> str:
    """The agreement in Chinese."""
    balance, repayment, cost, _, rights, other = content["items"]
    make_up, broken = balance["make_up"], content["if_broken"]
    currency = {"CNY": "人民币"}.get(balance["currency"], balance["currency"])
    late = broken["late_interest_rate_bp"] / 10_000
    method = "等额本息" if repayment["method"] == "level payments" else "等额本金(免息)"
    down = f",签约时支付首付{_money(repayment['down_payment_cents'])}" if repayment["down_payment_cents"] else ""
    lines = [
        "个性化分期还款协议",
        f"分期计划号:{content['plan_id']}。依据:{content['rule']}。签署有效期至{content['valid_until']}。"
        f"金额和日期按{content['computed_on']}签署计算,其后签署的按签署当日重新计算。",
        "",
        f"一、欠款余额、结构、币种:{currency}{_money(balance['balance_cents'])}元,其中本金"
        f"{_money(make_up['principal_cents'])}元,逾期利息{_money(make_up['overdue_interest_cents'])}元(减免"
        f"{_money(make_up['waived_cents'])}元)。",
        f"二、还款周期、方式、币种、日期和每期还款金额:按月以{currency}还款,{method},共"
        f"{repayment['term_months']}期{down}:",
        *(f"   {p['due_on']}  {_money(p['payment_cents']):>14}" for p in repayment["payments"]),
        f"三、还款期间利息和费用:年利率{_percent(cost['annual_rate'])},利息合计{_money(cost['interest_cents'])}元;"
        "不收取年费及其他费用。",
        "四、在本协议相关款项全部结清前,持卡人承诺不向任何银行申领信用卡。",
        "五、双方的权利义务和违约责任:持卡人履行协议期间停止催收;可随时提前结清,按实际占用天数计息;签约后"
        f"{rights['undo_days']}日内可撤销。连续{rights['breaks_after_missed_payments']}期未还即为违约:剩余款项立即到期"
        f"(至多{_money(broken['accelerated_cents'])}元),按年利率{late:.2%}计收罚息"
        f"(首月{_money(broken['penalty_month_cents'])}元),并恢复催收。",
        f"六、其他事项:按信用卡个性化分期(特殊交易类型{other['bureau_special_transaction']})报送征信;五级分类为"
        f"{_CLASSES_ZH[content['class_on_signing']]},观察期至少至{content['observation_until']}。困难证明材料另行保管。",
        "",
        "持卡人签字:____________  发卡银行:____________  日期:____________",
    ]
    return "\n".join(lines)
