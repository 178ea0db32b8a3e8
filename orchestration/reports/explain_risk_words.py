"""The risk side of an explanation in words: score, how the grade came about, loss, capacity, borrowing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.reports.explain import Explanation


def score_lines(found: Explanation, n: int) -> Iterator[str]:
    """The score, what held it back, and what it says of ability and willingness."""
    r = found.risk
    yield (
        f"{r['score']} points, grade {r['model_grade']} by the scorecard: about {r['pd_12m']:.1%} of such customers "
        "default within 12 months.",
        f"{r['score']} 分,模型等级 {r['model_grade']}:此类客户12个月内违约概率为 {r['pd_12m']:.1%}。",
    )[n]
    yield (
        f"Ability to pay {r['ability']} of 100, willingness {r['willingness']} of 100.",
        f"还款能力 {r['ability']}/100,还款意愿 {r['willingness']}/100。",
    )[n]
    if found.risk_reasons:
        yield ("What held the score back, against applicants just above the cut-off:", "与准入线附近客户相比的失分项:")[
            n
        ]
    for reason in found.risk_reasons:
        text = reason["reason_zh" if n else "reason_en"]
        yield (f"- {text}: {reason['points_below']} points less", f"- {text}:少 {reason['points_below']} 分")[n]


def grade_lines(found: Explanation, n: int) -> Iterator[str]:
    """From the score's grade to the one that decides: cooldown, analysts, market."""
    r = found.risk
    yield from _held(found, n)
    yield from _notes(found, n)
    yield (
        f"The grade is {r['risk_grade']}{_priced(found, 0)}.",
        f"最终等级 {r['risk_grade']}{_priced(found, 1)}。",
    )[n]
    if r["cutoff_shift_points"]:
        same = r["cutoff_grade"] == r["risk_grade"]
        effect = (
            (
                "For this customer that changes nothing",
                f"Against the cut-offs this customer counts as grade {r['cutoff_grade']}",
            )[not same],
            ("对该客户无影响", f"该客户准入按等级 {r['cutoff_grade']} 判断")[not same],
        )
        reason = found.market["reason_zh" if n else "reason_en"]
        yield (f"{reason} {effect[0]}.", f"{reason}{effect[1]}。")[n]


def _priced(found: Explanation, n: int) -> str:
    """What the behaviour segment makes of it, where it is priced as another grade."""
    grade = found.eligibility["price_grade"]
    if grade == found.risk["risk_grade"]:
        return ""
    return (f", priced as {grade} for how this customer pays and owes", f",按还款与负债表现以等级 {grade} 定价")[n]


def _held(found: Explanation, n: int) -> Iterator[str]:
    r, band, months = found.risk, found.figures["hysteresis.exit_band_points"], found.figures["hysteresis.cooldown_m"]
    if r["held_grade"] == r["model_grade"]:
        return
    if r["earlier_score"] is None:
        yield (
            f"Grade {r['model_grade']} is entered with {band} points to spare; the score, of a customer not assessed "
            f"{months} months ago, has not got that far yet, so grade {r['held_grade']} holds.",
            f"进入等级 {r['model_grade']} 需高出其下限 {band} 分;该客户 {months} 个月前尚无评估,当前评分未达到,"
            f"故按等级 {r['held_grade']}。",
        )[n]
        return
    yield (
        f"On {found.assessed_on} the score was {r['earlier_score']}. A better grade counts once it has been reached "
        f"with {band} points to spare and has held for {months} months; until then grade {r['held_grade']} holds.",
        f"{found.assessed_on} 的评分为 {r['earlier_score']}。更好的等级须高出下限 {band} 分并保持 {months} 个月"
        f"方可生效,此前按等级 {r['held_grade']}。",
    )[n]


def _notes(found: Explanation, n: int) -> Iterator[str]:
    for note in found.notes:
        opinion, grounds = (
            found.said("note_opinion", note["opinion"], n),
            found.said("note_ground", note["reason_code"], n),
        )
        outcome = note["outcome_zh" if n else "outcome_en"]
        moved = note["notch_applied"] != 0
        effect = (
            (f": grade {note['grade_before']} becomes {note['grade_after']}, until {note['stands_until']}", "")[
                not moved
            ],
            (f":等级由 {note['grade_before']} 调整为 {note['grade_after']},有效至 {note['stands_until']}", "")[
                not moved
            ],
        )
        yield (
            f"Analyst {note['author_code']} noted on {note['noted_on']} that {opinion}, for {grounds}. "
            f"{outcome}{effect[0]}.",
            f"分析员 {note['author_code']} 于 {note['noted_on']} 备注:{opinion}(理由:{grounds})。"
            f"{outcome}{effect[1]}。",
        )[n]


def loss_lines(found: Explanation, n: int) -> Iterator[str]:
    """What a default would cost, and what worse times would do."""
    r = found.risk
    guarantee = ("", "")
    if r["co_obligor_cnt"]:
        guarantee = (" A co-obligor has signed, which lowers the loss.", "已有共同债务人签约,损失相应降低。")
    if r["ead_cents"]:
        yield (
            f"In a default {money(r['ead_cents'])} would be at stake and {r['lgd']:.0%} of it lost; "
            f"expected loss of the year {money(r['el_cents'])}.{guarantee[0]}",
            f"若违约,风险敞口 {money(r['ead_cents'])},预计损失率 {r['lgd']:.0%};年预期损失 {money(r['el_cents'])}。"
            f"{guarantee[1]}",
        )[n]
    elif r["co_obligor_cnt"]:
        yield guarantee[n].strip()
    if r["stressed_dsr"]:
        bears = found.said("capacity", r["capacity_band"], n)
        yield (
            f"With income lower and payments dearer, debts would take {r['stressed_dsr']:.0%} of income, {bears}.",
            f"在收入下降、还款上升的压力情形下,偿债占收入 {r['stressed_dsr']:.0%},{bears}。",
        )[n]
    yield ("Need: {}.", "需求:{}。")[n].format(found.said("need", r["need_class"], n))


def borrowing_lines(found: Explanation, n: int) -> Iterator[str]:
    """Pressure before and after, and what is done about over-indebtedness."""
    o: dict[str, Any] = found.borrowing
    if o["pressure_before"] is not None:
        more = o["payment_after_cents"] > o["payment_before_cents"]
        after = (
            (f"; with the most that could be added, {o['pressure_after']:.0%}", "")[not more],
            (f";如新增至可负担上限则为 {o['pressure_after']:.0%}", "")[not more],
        )
        yield (
            f"Debt payments take {_share(o['pressure_before'], 0)} of what is left after living cost{after[0]}.",
            f"偿债占扣除生活支出后收入的 {_share(o['pressure_before'], 1)}{after[1]}。",
        )[n]
    yield o["reason_zh" if n else "reason_en"]
    if o["cool_off_until"] is not None:
        yield (f"The cooling-off is over on {o['cool_off_until']}.", f"冷静期至 {o['cool_off_until']} 结束。")[n]


def action_lines(found: Explanation, n: int) -> Iterator[str]:
    """What looked unusual on bank lines, and what is done."""
    for alert in found.alerts:
        severity, usual = found.said("severity", alert["severity"], n), ("", "")
        if alert["baseline_cents"] is not None:
            usual = (f", usually {money(alert['baseline_cents'])}", f",平时 {money(alert['baseline_cents'])}")
        yield (
            f"{alert['reason_en']}: {money(alert['amount_cents'])}{usual[0]} ({severity}).",
            f"{alert['reason_zh']}:{money(alert['amount_cents'])}{usual[1]}({severity})。",
        )[n]
    for row in found.interventions:
        told = (" The customer has to be told.", "需告知客户。") if row["adverse_notice"] else ("", "")
        when = (
            f"Due by {row['due_on']}, lapses on {row['expires_on']}.",
            f"应于 {row['due_on']} 前完成,{row['expires_on']} 失效。",
        )
        if row["outcome"] == "done":
            when = ("The books show it done.", "账务显示已执行。")
        yield (f"{row['reason_en']} {when[0]}{told[0]}", f"{row['reason_zh']}{when[1]}{told[1]}")[n]


def _share(pressure: float, n: int) -> str:
    return ("more than all", "100%以上")[n] if pressure > 1 else f"{pressure:.0%}"


def money(cents: int) -> str:
    """Cents as an amount with thousands separated."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
