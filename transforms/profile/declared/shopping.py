"""Columns of shopping: how steady, what returned, which kinds, how paid."""

from __future__ import annotations

from functools import partial

from transforms.profile.declared.definition import Definition, derived, dispersion, ratio, windowed
from transforms.windows.features import features_of

_ORDER = partial(
    Definition,
    source="commerce.commerce_order",
    as_of="events",
    window="12 months trailing",
    consent="ecommerce",
)
_OF_ORDERS = partial(ratio, unit="share of orders", consent="ecommerce")

SHOPPING: tuple[Definition, ...] = (
    *(
        d
        for s in ("commerce.commerce_order", "commerce.order_refund")
        for f in features_of(s)
        for d in windowed(f, "ecommerce")
    ),
    derived(
        "order_trend_3m",
        "DOUBLE",
        "CASE WHEN order_cents_6m > order_cents_3m THEN order_cents_3m / (order_cents_6m - order_cents_3m) END",
        "Paid for orders of the last 3 months over that of the 3 before; empty without any then.",
        "近3月订单环比",
        unit="ratio",
        consent="ecommerce",
        minimum=0,
    ),
    derived(
        "order_cv_12m",
        "DOUBLE",
        dispersion("order_cents"),
        "How far monthly order payments of the last month, months 2 to 3, 4 to 6 and 7 to 12 lie apart: standard "
        "deviation, weighted by months, over the mean.",
        "近12月订单波动",
        unit="ratio",
        consent="ecommerce",
        minimum=0,
    ),
    derived(
        "order_avg_cents_12m",
        "DOUBLE",
        "CASE WHEN order_cnt_12m > 0 THEN order_cents_12m / order_cnt_12m END",
        "Mean payment an order, last 12 months; empty without orders.",
        "近12月客单价",
        unit="cents an order",
        consent="ecommerce",
        minimum=0,
    ),
    derived(
        "refund_ratio_12m",
        "DOUBLE",
        "CASE WHEN order_cents_12m > 0 THEN least(refund_cents_12m / order_cents_12m, 1.0) END",
        "Refunds over order payments, last 12 months, at most 1; empty without orders.",
        "近12月退款占比",
        unit="share of payments",
        consent="ecommerce",
        minimum=0,
    ),
    _OF_ORDERS(
        "cancel_ratio_12m",
        "cancelled_order_cnt_12m",
        "(order_cnt_12m + cancelled_order_cnt_12m)",
        "Cancelled orders over those and the ones that went through, last 12 months; empty without any.",
        "近12月取消占比",
    ),
    _OF_ORDERS(
        "installment_share_12m",
        "installment_order_cnt_12m",
        "order_cnt_12m",
        "Share of orders paid in installments, last 12 months; empty without orders.",
        "近12月分期订单占比",
    ),
    _ORDER(
        "order_active_months_12m",
        "INTEGER",
        "Calendar months with an order in the last 12 months.",
        "近12月活跃月数",
        how="distinct months of ordered_on",
        unit="months",
        nil=True,
        minimum=0,
        maximum=13,
    ),
    _ORDER(
        "merchant_cnt_12m",
        "INTEGER",
        "Merchants ordered from in the last 12 months.",
        "近12月商户数",
        how="distinct merchant_id",
        unit="merchants",
        nil=True,
        minimum=0,
    ),
    _ORDER(
        "category_cnt_12m",
        "INTEGER",
        "Categories ordered in the last 12 months.",
        "近12月类目数",
        how="distinct category_code",
        unit="categories",
        nil=True,
        minimum=0,
    ),
    _ORDER(
        "top_category",
        "VARCHAR",
        "Category most was spent on in the last 12 months; of equal ones the first by name.",
        "主要消费类目",
        how="category_code with the greatest sum of paid_cents",
    ),
    _ORDER(
        "top_category_share_12m",
        "DOUBLE",
        "Its share of what was spent on known categories; empty without any.",
        "主要类目占比",
        how="greatest sum of paid_cents over all of a category",
        unit="share of payments",
        minimum=0,
        maximum=1,
    ),
    _ORDER(
        "second_category",
        "VARCHAR",
        "Category that comes next.",
        "第二消费类目",
        how="category_code with the second greatest sum of paid_cents",
    ),
    _ORDER(
        "preferred_payment_method",
        "VARCHAR",
        "How most orders of the last 12 months were paid; of equal ones the first by name.",
        "常用支付方式",
        how="payment_method of most orders",
    ),
)
