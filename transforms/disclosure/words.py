"""Texts of a disclosure in English and Chinese: names, methods of charging, collectors, ways a plan ends."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The same said in English and in Chinese."""

    en: str
    zh: str


#: Code of a charge → (what it is called, how it is charged).
CHARGES: dict[str, tuple[Words, Words]] = {
    "interest": (
        Words("Interest", "利息"),
        Words(
            "charged with each installment on the principal outstanding (a month: one twelfth of the annual rate)",
            "每期对剩余本金计收(按月还款的,月利率为年利率的十二分之一)",
        ),
    ),
    "upfront_fee": (
        Words("Fee at the start", "一次性手续费"),
        Words("charged once, on the first day, on the amount financed", "放款当日按分期本金一次性收取"),
    ),
    "periodic_fee": (
        Words("Fee with each installment", "分期手续费"),
        Words("charged with every installment, on the amount financed", "每期按分期本金收取"),
    ),
    "final_fee": (
        Words("Fee with the last installment", "末期费用"),
        Words("charged once, with the last installment, on the amount financed", "随最后一期按分期本金一次性收取"),
    ),
    "financed_fee": (
        Words("Financed fee", "计入本金的费用"),
        Words("added to the principal on the first day", "放款当日计入本金"),
    ),
    "late_interest": (
        Words("Late interest", "罚息"),
        Words(
            "only where a payment is late: on the overdue principal, by the day, until it is paid",
            "仅在逾期时收取:对逾期本金自逾期之日起按日计收,至清偿为止",
        ),
    ),
    "late_fee": (
        Words("Late payment charge", "违约金"),
        Words(
            "only where a payment is late: once on each overdue installment", "仅在逾期时收取:每期逾期金额一次性计收"
        ),
    ),
    "early_settlement_fee": (
        Words("Early settlement charge", "提前还款违约金"),
        Words(
            "only where the plan is settled early: on the principal repaid early; interest only for the days used",
            "仅在提前还款时收取:按提前偿还本金计收;利息按实际占用天数计算",
        ),
    ),
    "compound_interest": (
        Words("Interest on unpaid interest", "复利"),
        Words("only where interest is overdue: on it, at the rate of late interest", "仅对逾期利息按罚息利率计收"),
    ),
    "merchant_subsidy": (
        Words("Subsidy by the merchant", "商户贴息"),
        Words("paid by the merchant to the lender, not by the customer", "由商户向放款机构支付,不向客户收取"),
    ),
    "fiscal_subsidy": (
        Words("Interest subsidy by the state", "财政贴息"),
        Words(
            "paid by the treasury to the lender and already taken off the customer's rate",
            "由财政向放款机构支付,已从客户利率中扣除",
        ),
    ),
}
COLLECTORS = {
    "lender": Words("the lender", "放款机构"),
    "guarantor": Words("the guarantor", "担保增信机构"),
    "merchant": Words("the merchant", "商户"),
    "platform": Words("the platform", "平台运营机构"),
    "treasury": Words("the treasury", "财政"),
}
#: Of what a standard is a share.
BASES = {
    "year": Words("a year", "/年"),
    "amount": Words("of the amount financed", "分期本金"),
    "amount_each": Words("of the amount financed, each installment", "分期本金/期"),
    "installment": Words("of the overdue installment", "逾期金额"),
    "early": Words("of the principal repaid early", "提前偿还本金"),
    "price": Words("of the price", "商品价款"),
}
METHODS = {
    "ANNUITY": Words("equal installments (principal and interest)", "等额本息"),
    "EQ_PRIN": Words("equal principal, falling installments", "等额本金"),
    "INT_FIRST": Words("interest first, principal at the end", "先息后本"),
    "BALLOON": Words("equal installments with a balloon at the end", "等额本息加尾款"),
    "STEP_UP": Words("installments that rise in steps", "递增还款"),
    "STEP_DOWN": Words("installments that fall in steps", "递减还款"),
    "MIN_PAYMENT": Words("a share of the balance each month", "按余额比例还款"),
    "INTEREST_FREE": Words("equal installments, free of interest", "免息等额还款"),
    "FLAT": Words("equal principal with a fee on the whole principal each period", "等额本金加每期手续费"),
}
CANCELLATION = {
    "settle_any_time": Words(
        "The plan may be settled early, in whole, at any time; interest is charged for the days used.",
        "可随时提前全部结清,利息按实际占用天数计收。",
    ),
    "goods_returned": Words(
        "Goods returned: the refund goes to what is still owed, anything beyond it to the customer; a full refund ends "
        "the plan.",
        "商品退货:退款先用于偿还未结清金额,余额退还客户;全额退款的,分期终止。",
    ),
    "service_stops": Words(
        "Course or treatment stopped: billing stops that day; only the part of the service already given is owed, and "
        "the provider refunds the rest to the lender.",
        "课程或疗程终止:自终止之日起停止扣款;仅就已提供的服务部分付款,其余由服务商退还放款机构。",
    ),
    "trip_cancelled": Words(
        "Trip cancelled before it begins: what the organiser refunds goes to what is still owed, anything beyond it to "
        "the customer.",
        "行程开始前取消:组织方退款先用于偿还未结清金额,余额退还客户。",
    ),
}
COOLING_OFF = Words(
    "Within {days} days of the first day the plan is undone without any cost.",
    "自放款之日起{days}日内可无条件撤销,不收取任何费用。",
)
NO_OTHER_FEES = Words("There are no fees other than those listed here.", "除上述列明的费用外,不收取任何其他费用。")
AS_INTEREST = Words(
    "Every cost of this plan is interest or a listed fee, and all of it is in the annual cost.",
    "本分期的全部成本均以利息或上列费用形式展示,并已计入年化综合融资成本。",
)
ROUNDED = Words(
    "Annual costs are those of the rate card on 10,000; rounding to the cent moves them by less than 0.03 points.",
    "年化成本按价目表每1万元本金计算,因分位取整产生的差异小于0.03个百分点。",
)
ENTRUSTED = Words("The money is paid to the provider's account.", "贷款资金直接支付至服务商账户(受托支付)。")
SELF_PAID = Words("The money is paid to the customer.", "贷款资金支付至客户账户(自主支付)。")
PROOF = Words("The use of the money has to be proved.", "须提供用途证明材料。")
LABELS = {
    "title": Words("Cost of this installment plan", "分期综合融资成本明示表"),
    "key": Words("Offer", "方案编号"),
    "product": Words("Product", "产品"),
    "principal": Words("Amount financed (principal)", "分期本金"),
    "down_payment": Words("Paid at once by the customer", "首付款"),
    "term": Words("Installments", "期数"),
    "method": Words("Repayment", "还款方式"),
    "payment": Words("Each installment", "每期还款额"),
    "first_payment": Words("First installment", "首期还款额"),
    "last_payment": Words("Last installment", "末期还款额"),
    "nominal_rate": Words("Interest rate a year", "年利率"),
    "annual_shown": Words("Annual all-in cost if kept as agreed", "正常履约年化综合融资成本"),
    "apr_irr": Words("compounded (internal rate of return)", "复利(内部收益率法)"),
    "apr_simple": Words("simple (monthly rate × 12)", "单利(月内部收益率×12)"),
    "normal": Words("What is paid if the plan is kept as agreed", "正常履约情形下的费用"),
    "contingent": Words("What is paid only if it is not, or is ended early", "违约或提前还款情形下的或有费用"),
    "paid_by_others": Words("What others pay", "由其他方承担的费用"),
    "charge": Words("Charge", "收费项目"),
    "how": Words("How it is charged", "收取方式"),
    "standard": Words("Standard", "收费标准"),
    "collector": Words("Taken by", "收取主体"),
    "payer": Words("Paid by", "承担主体"),
    "amount": Words("Amount", "金额"),
    "all_costs": Words("All interest and fees", "息费合计"),
    "all_repaid": Words("Everything the customer pays", "客户支付总额"),
    "schedule": Words("Installments, if drawn on {day}", "还款计划(如于{day}放款)"),
    "no": Words("No.", "期次"),
    "due": Words("Due", "到期日"),
    "part_principal": Words("Principal", "本金"),
    "part_interest": Words("Interest", "利息"),
    "part_fee": Words("Fees", "费用"),
    "part_payment": Words("To pay", "应还金额"),
    "balance": Words("Left", "剩余本金"),
    "cancelling": Words("Refunds and cancelling", "退款与取消"),
    "valid": Words("May be taken until {day} at these terms.", "本方案有效期至{day}。"),
    "basis": Words("Shown under", "披露依据"),
    "free": Words("free of charge", "免收"),
    "none": Words("none", "无"),
}

#: How interest is charged that is not by the month; `basis` is the day count.
BY_PERIOD = Words(
    "charged on the principal outstanding for the length of each period, by {basis}",
    "按每期期限对剩余本金计收,计息基准:{basis}",
)
#: Interest that does not fall with what is repaid; the annual cost shows what that is worth.
ON_WHOLE_PRINCIPAL = Words(
    "charged with each installment on the whole principal, also on what has been repaid (a month: one twelfth of the"
    " annual rate)",
    "每期按分期总本金计收,不因已还本金而减少(按月还款的,月费率为年费率的十二分之一)",
)
EQUAL_WORDS = Words("periods of equal length", "等长计息期")
