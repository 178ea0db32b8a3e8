"""An explanation in words, as a credit officer would write it, in English or Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orchestration.reports.explain_risk_words import (
    action_lines,
    borrowing_lines,
    grade_lines,
    loss_lines,
    money,
    score_lines,
)
from orchestration.reports.explain_routes import routes_told
from transforms.policy.documents import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.reports.explain import Explanation

Language = Literal["en", "zh"]

_DECISION = {
    "eligible": ("Eligible for installments", "符合分期条件"),
    "review": ("A person must review this customer before anything is granted", "需人工复核后方可授信"),
    "declined": ("Declined", "不予分期"),
}
_SOURCE = {
    "tax": ("tax records", "个税记录"),
    "social_security": ("social security records", "社保记录"),
    "payroll": ("salary or pension seen on bank lines", "银行流水中的工资或养老金"),
    "gig": ("irregular pay seen on bank lines", "银行流水中的零工收入"),
    "recurring": ("regular credits of one payer on bank lines", "银行流水中的规律性入账"),
    "employer_proof": ("an employer's proof", "单位收入证明"),
    "stated": ("the customer's own statement, unverified", "客户自报(未核实)"),
    "none": ("no source", "无来源"),
}
_BEHAVIOUR = {
    "transactor": ("pays card statements in full", "信用卡按期全额还款"),
    "revolver": ("carries card balances over", "信用卡循环使用"),
    "minimum_payer": ("mostly pays the card minimum", "多按最低还款额还款"),
    "occasionally_late": ("was late on a card statement", "信用卡偶有逾期"),
    "late": ("was late on card statements repeatedly", "信用卡多次逾期"),
    "inactive": ("has no card balances to judge by", "无信用卡账单可供判断"),
}
_BOUND = {
    "affordability": ("what the affordable payment can repay", "可负担月供折算额度"),
    "line": ("the credit line in force", "现有授信额度"),
    "exposure": ("exposure limits", "风险敞口上限"),
    "segment": ("the segment's starter limit", "客群起步额度"),
    "grade": ("the grade's limit", "风险等级额度"),
    "product": ("the largest amount of a product on sale", "在售产品金额上限"),
    "policy": ("the policy's maximum", "政策上限"),
}
_SEGMENT = {
    "transactor": ("pays in full", "全额还款客户"),
    "revolver": ("revolver", "循环客户"),
    "minimum_payer": ("pays the minimum", "最低还款客户"),
    "occasionally_late": ("occasionally late", "偶尔逾期客户"),
    "high_debt": ("high debt", "高负债客户"),
    "thin_file": ("thin file", "信用记录较少客户"),
    "high_potential": ("high potential", "高潜力客户"),
    "standard": ("standard", "标准客户"),
}
_BUREAU = {
    "stale": (
        "The last credit report is {days} days old, too old to decide by.",
        "最近征信报告距今 {days} 天,已过时效。",
    ),
    "missing": ("There is no credit report.", "没有征信报告。"),
}
_METHOD = {
    "ANNUITY": ("in level payments", "等额本息"),
    "EQ_PRIN": ("in equal parts of principal", "等额本金"),
    "INT_FIRST": ("interest first", "先息后本"),
    "INTEREST_FREE": ("free of interest", "免息"),
    "BALLOON": ("in level payments with a balloon at the end", "等额本息加尾款"),
    "STEP_UP": ("in payments that rise each year", "递增还款"),
    "STEP_DOWN": ("in payments that fall each year", "递减还款"),
    "FLAT": ("in equal parts with a fee on the whole principal", "等额本金加每期手续费"),
}
_PURPOSE = {
    "appliance": ("appliances", "家电"),
    "car": ("a car", "汽车"),
    "education": ("education", "教育"),
    "medical": ("medical care", "医疗"),
    "travel": ("travel", "旅游"),
    "general": ("general use", "一般消费"),
}
_STOP = (". ", "。")
_DECIDES = {"declined": ("declines", "拒绝"), "review": ("asks for review", "需复核")}
_PREFERENCE = {
    "longest_term": ("longest term", "期数最长"),
    "lowest_payment": ("lowest payment", "月供最低"),
    "soonest_paid": ("soonest paid", "最快还清"),
    "lowest_total_cost": ("lowest total cost", "总成本最低"),
}


def told(found: Explanation, language: Language) -> str:
    """The explanation as text of a few short paragraphs."""
    return "\n".join(_lines(found, 0 if language == "en" else 1))


def _lines(found: Explanation, n: int) -> Iterator[str]:
    e, words = found.eligibility, _words(n)
    yield f"{words['customer']} {found.customer_token} · {found.as_of}"
    yield ""
    yield f"{_DECISION[e['decision']][n]}{_STOP[n]}{_terms(e, n)}".rstrip()
    for reason in _told_once(found):
        own = n and reason["citation"].startswith("lender's own")
        cited = f" [{'本机构规定' if own else reason['citation']}]" if reason["citation"] else ""
        told = f"{reason['code']}, {_DECIDES[reason['decision']][n]}"
        yield f"  - {reason['reason_zh' if n else 'reason_en']} ({told}){cited}"
    if asked := e["documents_requested"]:
        yield f"{words['documents']}{('; ', ';')[n].join(DOCUMENTS[d][n] for d in asked)}{_STOP[n].rstrip()}"
    yield ""
    yield words["known"]
    yield from (f"  {line}" for line in _known(found, n))
    yield ""
    for title, lines in (
        ("score", score_lines(found, n)),
        ("grade", grade_lines(found, n)),
        ("loss", loss_lines(found, n)),
        ("borrowing", borrowing_lines(found, n)),
    ):
        yield words[title]
        yield from (f"  {line}" for line in lines)
        yield ""
    if found.alerts or found.interventions:
        yield words["done"]
        yield from (f"  {line}" for line in action_lines(found, n))
        yield ""
    if e["decision"] != "declined":
        yield words["limit"]
        yield from (f"  {line}" for line in _limit(e, n))
        yield ""
    if found.offers:
        yield words["offers"]
        yield from (f"  {line}" for line in _offers(found.offers, n))
        yield ""
    if found.routes:
        texts = {p["code"]: p["reason_zh" if n else "reason_en"] for p in found.policy_texts}
        yield words["plans"]
        yield from (f"  {line}" for line in routes_told(found.routes, n, texts))
        yield ""
    m = found.manifest
    yield words["made"].format(**m, published=f"{m['published_at']:%Y-%m-%d %H:%M}")


def _told_once(found: Explanation) -> list[dict[str, Any]]:
    """The reasons without the general one that a person must look, where another says why."""
    named = {r["code"] for r in found.reasons} & set(found.risk["review_reasons"])
    return [r for r in found.reasons if r["code"] != "human_review" or not named]


def _words(n: int) -> dict[str, str]:
    pairs = {
        "customer": ("Customer", "客户"),
        "documents": ("To be asked for: ", "需补充材料:"),
        "known": ("What is known", "已知情况"),
        "score": ("Score", "评分"),
        "grade": ("Grade", "等级"),
        "loss": ("Loss and capacity", "损失与承受能力"),
        "borrowing": ("Borrowing", "负债状况"),
        "done": ("What is done", "预警与干预"),
        "limit": ("Limit", "额度"),
        "offers": ("Offers", "分期方案"),
        "plans": ("Plans so far, and what is open to them", "既有分期及可办理事项"),
        "made": (
            "Published {published} UTC by run {run_id}: policy {policy_id} {policy_version}, model {model_version}, "
            "code {code_version}, inputs {inputs_digest:.12}, manifest {manifest_digest:.12}.",
            "由批次 {run_id} 于 {published} UTC 发布:政策 {policy_id} {policy_version},模型 {model_version},"
            "代码 {code_version},输入摘要 {inputs_digest:.12},清单摘要 {manifest_digest:.12}。",
        ),
    }
    return {name: pair[n] for name, pair in pairs.items()}


def _terms(e: dict[str, Any], n: int) -> str:
    if e["decision"] == "declined":
        return ""
    if not e["limit_cents"]:
        return ("On what is known no amount can be granted.", "按现有资料无法核定额度。")[n]
    rates = "" if e["min_rate"] is None else f"{float(e['min_rate']):.2%}-{float(e['max_rate']):.2%}"
    granted = ("If granted, up to", "如获批,最高") if e["decision"] == "review" else ("Up to", "最高")
    return (
        f"{granted[0]} {money(e['limit_cents'])} over at most {e['max_term_m']} months, nominal {rates} a year.",
        f"{granted[1]} {money(e['limit_cents'])},最长 {e['max_term_m']} 期,名义年利率 {rates}。",
    )[n]


def _known(found: Explanation, n: int) -> Iterator[str]:
    p = found.profile
    if p["income_cents"] is None:
        yield ("Income is unknown: no source gives one.", "收入未知:没有任何来源。")[n]
    else:
        source = _SOURCE[p["income_source"]][n]
        yield (
            f"Income {money(p['income_cents'])} a month, from {source} (confidence {p['income_confidence']:.0%}).",
            f"月收入 {money(p['income_cents'])},来源:{source}(置信度 {p['income_confidence']:.0%})。",
        )[n]
    dsr = "" if p["dsr"] is None else (f", {p['dsr']:.1%} of income", f",占收入 {p['dsr']:.1%}")[n]
    count = len(found.debts)
    if count:
        yield (
            f"Debt payments {money(p['debt_service_cents'])} a month on {count} debt{'s' * (count > 1)}{dsr}.",
            f"每月偿债 {money(p['debt_service_cents'])},共 {count} 笔债务{dsr}。",
        )[n]
    else:
        yield ("No debts are known.", "未发现负债。")[n]
    if p["free_cash_flow_cents"] is not None:
        yield (
            f"Left after living cost and debts: {money(p['free_cash_flow_cents'])} a month.",
            f"扣除生活支出和偿债后每月剩余 {money(p['free_cash_flow_cents'])}。",
        )[n]
    if p["liquid_buffer_m"] is not None:
        yield (
            f"Savings cover {p['liquid_buffer_m']:.1f} months of obligations.",
            f"存款可覆盖 {p['liquid_buffer_m']:.1f} 个月的必要支出。",
        )[n]
    late = "" if not p["max_dpd_12m"] else (f"; worst {p['max_dpd_12m']} days", f";最长逾期 {p['max_dpd_12m']} 天")[n]
    yield (
        f"The customer {_BEHAVIOUR[p['pay_behaviour']][n]}{late} (segment: {_SEGMENT[p['behaviour_segment']][n]}).",
        f"该客户{_BEHAVIOUR[p['pay_behaviour']][n]}{late}(分群:{_SEGMENT[p['behaviour_segment']][n]})。",
    )[n]
    if p["bureau_status"] != "fresh":
        yield _BUREAU[p["bureau_status"]][n].format(days=p["bureau_age_days"])


def _limit(e: dict[str, Any], n: int) -> Iterator[str]:
    if e["max_payment_cents"] is not None:
        yield (
            f"An affordable payment is {money(e['max_payment_cents'])} a month.",
            f"可负担月供 {money(e['max_payment_cents'])}。",
        )[n]
    for name, label in _BOUND.items():
        value = e.get(f"limit_{name}_cents")
        if value is not None:
            mark = (" <- binds", " <- 起约束作用")[n] if e["limit_bound_by"] == name else ""
            yield f"{label[n]}: {money(value)}{mark}"


def _offers(offers: list[dict[str, Any]], n: int, shown: int = 5) -> Iterator[str]:
    for o in offers[:shown]:
        tag = f" · {_PREFERENCE[o['preference_tag']][n]}" if o["preference_tag"] in _PREFERENCE else ""
        cheapest = (" · cheapest for its purpose", " · 同用途成本最低")[n] if o["is_cheapest"] else ""
        yield (
            f"{o['rank']}. {o['product_code']} for {_PURPOSE[o['purpose_code']][n]}: {money(o['amount_cents'])} over "
            f"{o['term_m']} months {_METHOD[o['repay_method']][n]}, {money(o['payment_cents'])} a month, "
            f"cost {money(o['total_cost_cents'])}, "
            f"{float(o['apr_simple']):.2%} simple / {float(o['apr_irr']):.2%} compounded a year{tag}{cheapest}",
            f"{o['rank']}. {o['product_code']}({_PURPOSE[o['purpose_code']][n]}):{money(o['amount_cents'])},"
            f"{o['term_m']} 期,{_METHOD[o['repay_method']][n]},每期 {money(o['payment_cents'])},"
            f"总成本 {money(o['total_cost_cents'])},"
            f"年化 {float(o['apr_simple']):.2%}(单利)/ {float(o['apr_irr']):.2%}(复利){tag}{cheapest}",
        )[n]
        yield "   " + ("; ", ";")[n].join(_conditions(o, n))
    if len(offers) > shown:
        yield (f"and {len(offers) - shown} more", f"另有 {len(offers) - shown} 个方案")[n]
    yield (
        f"What the first costs in full, as it must be shown: fenqi disclosure {offers[0]['offer_id']}",
        f"首个方案的综合融资成本明示表:fenqi disclosure {offers[0]['offer_id']} --language zh",
    )[n]


def _conditions(o: dict[str, Any], n: int) -> Iterator[str]:
    """To whom the money goes, what has to be brought, who pays a subsidy, and how sure it is that the plan is kept."""
    provider = o["merchant_id"] or ("the provider", "服务商")[n]
    if o["pay_mode"] == "entrusted":
        yield (f"paid to the account of {provider}", f"款项支付至{provider}账户")[n]
    else:
        yield ("paid to the customer", "款项支付至客户")[n]
    if o["down_payment_cents"]:
        yield (f"down payment {money(o['down_payment_cents'])}", f"首付 {money(o['down_payment_cents'])}")[n]
    if o["proof_of_use"]:
        yield ("proof of use needed", "须提供用途证明")[n]
    if o["subsidy_payer"] != "none":
        payer = {"merchant": ("the merchant", "商户"), "treasury": ("the state", "财政")}[o["subsidy_payer"]][n]
        paid = money(o["merchant_subsidy_cents"] + o["fiscal_subsidy_cents"])
        yield (f"{payer} pays {paid} of the interest", f"{payer}贴息 {paid}")[n]
    if o["channel_limit_cents"] is not None:
        left = money(o["channel_limit_cents"])
        yield (f"{o['channel']} bears {left} more", f"{o['channel']} 剩余额度 {left}")[n]
    risk = f"{float(o['p_plan_break']):.1%}"
    yield (f"breaks within a year with a chance of at most {risk}", f"一年内违约概率不超过 {risk}")[n]
