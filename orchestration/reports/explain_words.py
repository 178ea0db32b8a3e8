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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.reports.explain import Explanation

Language = Literal["en", "zh"]

#: The bounds of the limit, in the order they are told.
_BOUNDS = ("affordability", "line", "exposure", "segment", "grade", "product", "policy")
_STOP = (". ", "。")


def told(found: Explanation, language: Language) -> str:
    """The explanation as text of a few short paragraphs."""
    return "\n".join(_lines(found, 0 if language == "en" else 1))


def _lines(found: Explanation, n: int) -> Iterator[str]:
    e, words = found.eligibility, _words(n)
    yield f"{words['customer']} {found.customer_token} · {found.as_of}"
    yield ""
    yield f"{found.said('verdict', e['decision'], n)}{_STOP[n]}{_terms(e, n)}".rstrip()
    for reason in _told_once(found):
        own = n and reason["citation"].startswith("lender's own")
        cited = f" [{'本机构规定' if own else reason['citation']}]" if reason["citation"] else ""
        told = f"{reason['code']}, {found.said('decides', reason['decision'], n)}"
        yield f"  - {reason['reason_zh' if n else 'reason_en']} ({told}){cited}"
    if asked := [found.said("document", code, n) for code in e["documents_requested"]]:
        yield f"{words['documents']}{('; ', ';')[n].join(asked)}{_STOP[n].rstrip()}"
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
        yield from (f"  {line}" for line in _limit(found, n))
        yield ""
    if found.offers:
        yield words["offers"]
        yield from (f"  {line}" for line in _offers(found, n))
        yield ""
    if found.routes:
        texts = {p["code"]: p["reason_zh" if n else "reason_en"] for p in found.policy_texts}
        yield words["plans"]
        yield from (f"  {line}" for line in routes_told(found.routes, n, found.catalogue, texts))
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
        source = found.said("income_source", p["income_source"], n)
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
    pays = found.said("pay_behaviour", p["pay_behaviour"], n)
    segment = found.said("segment", p["behaviour_segment"], n)
    yield (f"The customer {pays}{late} (segment: {segment}).", f"该客户{pays}{late}(分群:{segment})。")[n]
    if p["bureau_status"] != "fresh":
        yield found.said("bureau_status", p["bureau_status"], n).format(days=p["bureau_age_days"])


def _limit(found: Explanation, n: int) -> Iterator[str]:
    e = found.eligibility
    if e["max_payment_cents"] is not None:
        yield (
            f"An affordable payment is {money(e['max_payment_cents'])} a month.",
            f"可负担月供 {money(e['max_payment_cents'])}。",
        )[n]
    for name in _BOUNDS:
        value = e.get(f"limit_{name}_cents")
        if value is not None:
            mark = (" <- binds", " <- 起约束作用")[n] if e["limit_bound_by"] == name else ""
            yield f"{found.said('limit_bound', name, n)}: {money(value)}{mark}"


def _offers(found: Explanation, n: int, shown: int = 5) -> Iterator[str]:
    offers = found.offers
    for o in offers[:shown]:
        tag = f" · {found.said('preference', o['preference_tag'], n)}" if o["preference_tag"] else ""
        purpose, method = found.said("purpose", o["purpose_code"], n), found.said("repay_method", o["repay_method"], n)
        cheapest = (" · cheapest for its purpose", " · 同用途成本最低")[n] if o["is_cheapest"] else ""
        yield (
            f"{o['rank']}. {o['product_code']} for {purpose}: {money(o['amount_cents'])} over "
            f"{o['term_m']} months {method}, {money(o['payment_cents'])} a month, "
            f"cost {money(o['total_cost_cents'])}, "
            f"{float(o['apr_simple']):.2%} simple / {float(o['apr_irr']):.2%} compounded a year{tag}{cheapest}",
            f"{o['rank']}. {o['product_code']}({purpose}):{money(o['amount_cents'])},"
            f"{o['term_m']} 期,{method},每期 {money(o['payment_cents'])},"
            f"总成本 {money(o['total_cost_cents'])},"
            f"年化 {float(o['apr_simple']):.2%}(单利)/ {float(o['apr_irr']):.2%}(复利){tag}{cheapest}",
        )[n]
        yield "   " + ("; ", ";")[n].join(_conditions(found, o, n))
    if len(offers) > shown:
        yield (f"and {len(offers) - shown} more", f"另有 {len(offers) - shown} 个方案")[n]
    yield (
        f"What the first costs in full, as it must be shown: fenqi disclosure {offers[0]['offer_id']}",
        f"首个方案的综合融资成本明示表:fenqi disclosure {offers[0]['offer_id']} --language zh",
    )[n]


def _conditions(found: Explanation, o: dict[str, Any], n: int) -> Iterator[str]:
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
        payer = found.said("subsidy_payer", o["subsidy_payer"], n)
        paid = money(o["merchant_subsidy_cents"] + o["fiscal_subsidy_cents"])
        yield (f"{payer} pays {paid} of the interest", f"{payer}贴息 {paid}")[n]
    if o["channel_limit_cents"] is not None:
        left = money(o["channel_limit_cents"])
        yield (f"{o['channel']} bears {left} more", f"{o['channel']} 剩余额度 {left}")[n]
    risk = f"{float(o['p_plan_break']):.1%}"
    yield (f"breaks within a year with a chance of at most {risk}", f"一年内违约概率不超过 {risk}")[n]
