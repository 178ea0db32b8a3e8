"""A customer's running plans and what is open to them, in words the customer would understand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.policy.reasons import Reason, Reasons

_OWN = re.compile(r"lender's own (figure|rule)\b")


def routes_told(
    routes: Sequence[Mapping[str, Any]], n: int, catalogue: Reasons, texts: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A line per plan and route, plan by plan, what is open first; `n` 0 for English, 1 for Chinese.

    `routes` are rows of `eligibility.second_installment`; `texts` say what the decision's own reasons mean. Another
    plan is not about the plans there are: it is told once, at the end. A plan that has ended takes one line.
    """
    own = [row for row in routes if row["route"] != "new_purchase"]
    refusals = {code: reason.pair[n] for code, reason in catalogue.of("refusal").items()}
    for plan in dict.fromkeys(row["plan_id"] for row in own):
        rows = [row for row in own if row["plan_id"] == plan]
        if all("plan_closed" in row["reasons"] for row in rows):
            yield ("Plan {}: {}", "分期 {}:{}")[n].format(plan, refusals["plan_closed"])
            continue
        for row in sorted(rows, key=lambda r: not r["eligible"]):
            name = catalogue.reason("route", row["route"]).pair[n]
            said = route_open(row, n, catalogue) if row["eligible"] else route_refused(row, n, refusals)
            yield (f"Plan {plan}, {name}: {said}", f"分期 {plan},{name}:{said}")[n]
    another = next((row for row in routes if row["route"] == "new_purchase"), None)
    if another is not None:
        refused = {**refusals, **(texts or {})}
        said = route_open(another, n, catalogue) if another["eligible"] else route_refused(another, n, refused)
        yield (f"Another plan: {said}", f"再办一笔分期:{said}")[n]


def route_refused(row: Mapping[str, Any], n: int, texts: Mapping[str, str]) -> str:
    """Why a route is not open, with the rule where there is one; `texts` say what each code means."""
    words = [texts.get(code, code) for code in row["reasons"]]
    cited = f" [{_source(row['citation'], n)}]" if row["citation"] else ""
    return ("not open. ", "不可办理。")[n] + (" " if n == 0 else "").join(words) + cited


def _source(citation: str, n: int) -> str:
    """A citation as the customer reads it: what the lender set is called its own rule."""
    own = ("our own rule", "本机构规定")[n]
    return (_OWN.sub(own, citation), _OWN.sub(own, citation).replace("; ", ";"))[n]


def route_open(row: Mapping[str, Any], n: int, catalogue: Reasons) -> str:
    """What an open route would mean: payment before and after, cost in all, and what is particular to it."""
    if row["route"] == "payment_holiday":
        return _holiday(row, n, catalogue.reason("pause_interest", row["interest_mode"]).pair[n])
    if row["route"] == "art70_restructure":
        return _agreement(row, n, catalogue.of("override").get(row["override_reason"]))
    say = {"new_purchase": _purchase, "early_settlement": _settlement, "due_date_change": _due_date}
    return say.get(row["route"], _spread)(row, n)


def _purchase(row: Mapping[str, Any], n: int) -> str:
    return (
        f"open, for example {_money(row['amount_cents'])} over {row['term_months']} months; all plans together then "
        f"take {_money(row['payment_after_cents'])} a month, and it costs {_money(row['total_cost_diff_cents'])}.",
        f"可办理,例如 {_money(row['amount_cents'])} 分 {row['term_months']} 期;合计月供 "
        f"{_money(row['payment_after_cents'])},总成本 {_money(row['total_cost_diff_cents'])}。",
    )[n]


def _settlement(row: Mapping[str, Any], n: int) -> str:
    return (
        f"open at any time; {_money(row['amount_cents'])} pays everything, {_settling(row, 0)}.",
        f"可随时办理;一次性支付 {_money(row['amount_cents'])} 即可结清,{_settling(row, 1)}。",
    )[n]


def _settling(row: Mapping[str, Any], n: int) -> str:
    """Settling saves the interest to come; where payments are overdue, interest has run up beyond the schedule."""
    cents = row["total_cost_diff_cents"]
    if cents <= 0:
        return (f"which saves {_money(-cents)} of interest", f"节省利息 {_money(-cents)}")[n]
    return (
        f"{_money(cents)} more than the schedule, for the time payments have been overdue",
        f"含逾期期间多产生的利息 {_money(cents)}",
    )[n]


def _holiday(row: Mapping[str, Any], n: int, interest: str) -> str:
    months = row["pause_months"]
    return (
        f"open for {months} month{'s' * (months > 1)}; {interest}. Payments begin again on {row['resume_on']}, "
        f"the highest of them {_money(row['highest_payment_cents'])} (now {_money(row['payment_before_cents'])}); "
        f"{_more(row, 0)}.",
        f"可暂停 {months} 个月,{interest}。{row['resume_on']} 起恢复还款,最高一期 "
        f"{_money(row['highest_payment_cents'])}(现为 {_money(row['payment_before_cents'])});{_more(row, 1)}。",
    )[n]


def _agreement(row: Mapping[str, Any], n: int, override: Reason | None) -> str:
    down, waived = row["down_payment_cents"] or 0, row["waived_cents"] or 0
    extra = (
        (f", {_money(down)} paid at once" if down else "")
        + (f", {_money(waived)} of interest let go" if waived else ""),
        (f",首付 {_money(down)}" if down else "") + (f",减免利息 {_money(waived)}" if waived else ""),
    )[n]
    return (
        f"open, {row['term_months']} payments of {_money(row['payment_after_cents'])} instead of "
        f"{_money(row['payment_before_cents'])} a month at {float(row['annual_rate']):.2%} a year{extra}; "
        f"{_more(row, 0)}. Collection stops while it is kept; no new credit card until it is repaid.",
        f"可办理:{row['term_months']} 期,月供由 {_money(row['payment_before_cents'])} 降至 "
        f"{_money(row['payment_after_cents'])},年利率 {float(row['annual_rate']):.2%}{extra};{_more(row, 1)}。"
        "履约期间停止催收;结清前不得申领新信用卡。",
    )[n] + (("", " ")[n == 0] + override.pair[n] if override else "")


def _due_date(row: Mapping[str, Any], n: int) -> str:
    if row["due_day"] is None:
        return ("open; choose a day of the month.", "可办理,请选择还款日。")[n]
    return (
        f"open, to day {row['due_day']} of the month; {_more(row, 0)}.",
        f"可办理,改为每月 {row['due_day']} 日;{_more(row, 1)}。",
    )[n]


def _spread(row: Mapping[str, Any], n: int) -> str:
    return (
        f"open, {row['term_months']} payments of {_money(row['payment_after_cents'])} instead of "
        f"{_money(row['payment_before_cents'])} a month at {float(row['annual_rate']):.2%} a year; {_more(row, 0)}.",
        f"可办理:{row['term_months']} 期,月供由 {_money(row['payment_before_cents'])} 变为 "
        f"{_money(row['payment_after_cents'])},年利率 {float(row['annual_rate']):.2%};{_more(row, 1)}。",
    )[n]


def _more(row: Mapping[str, Any], n: int) -> str:
    cents = row["total_cost_diff_cents"]
    if cents == 0:
        return ("in all it costs the same", "总成本不变")[n]
    word = (("more", "多付"), ("less", "少付"))[cents < 0][n]
    return (f"in all {_money(abs(cents))} {word} is paid", f"总共{word} {_money(abs(cents))}")[n]


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
