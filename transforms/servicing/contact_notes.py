"""What to say to whom, in English and Chinese; {amount} and {day} are filled in."""

from __future__ import annotations

#: By kind, or by kind and what was seen.
NOTES: dict[str, tuple[str, str]] = {
    "budget_tip": (
        "{amount} falls due in the next 30 days, the first of it on {day}. Have it on the account the day before.",
        "未来30天内应还款 {amount} 元,首笔到期日 {day},请提前一天备足资金。",
    ),
    "budget_tip:several_due_dates": (
        "{amount} falls due in the next 30 days on several days, the first on {day}. The due dates can be moved to one "
        "day, soon after the salary.",
        "未来30天内共应还款 {amount} 元,分散在多个还款日,首笔 {day}。可将还款日统一调整到发薪日之后。",
    ),
    "follow_up": ("Ask how the plan is going.", "回访分期履约情况。"),
    "follow_up:before_end": (
        "The plan ends soon: tell the last due dates and what is open afterwards.",
        "分期即将结束,告知最后还款日及后续可办理事项。",
    ),
    "follow_up:after_pause": (
        "Payments begin again on {day}: ask whether they can be made, and what is open if not.",
        "{day} 恢复还款,了解还款能力,如有困难告知可办理事项。",
    ),
    "early_help": (
        "Payments are still on time, but there are signs of difficulty. Ask, and say what is open; the next payment is "
        "{amount}.",
        "目前还款正常,但出现困难迹象。主动询问并告知可办理的纾困方案;下一期应还 {amount} 元。",
    ),
    "early_help:income_fell": (
        "Payments are still on time, but the salary has fallen. Ask, and say that payments can be paused or lowered; "
        "the next payment is {amount}.",
        "目前还款正常,但工资收入下降。主动询问,并告知可暂停或降低月供;下一期应还 {amount} 元。",
    ),
    "relief_open": ("Relief is open for this plan: explain it.", "该分期可办理纾困方案,请予说明。"),
    "relief_open:art70_restructure": (
        "A personalised agreement with {amount} a month is open: explain its six items, what it costs and what "
        "breaking it means, and send the text.",
        "可办理个性化分期还款协议,月供 {amount} 元:说明六项要素、总成本及违约后果,并发送协议文本。",
    ),
    "relief_open:payment_holiday": (
        "A payment holiday is open: explain the months, the interest and the day payments begin again.",
        "可暂停还款:说明暂停月数、利息处理及恢复还款日。",
    ),
    "resume_early": (
        "The income is back: ask whether payments shall begin before the pause ends; nothing changes without consent.",
        "收入已恢复,可询问是否提前恢复还款;未经同意不作变更。",
    ),
    "case_answer": ("Answer the open case by {day}.", "请于 {day} 前答复客户个案。"),
    "case_answer:complaint": ("Answer the complaint by {day}.", "请于 {day} 前办结投诉。"),
    "case_answer:change_request": (
        "Show the preview of the change by {day}; it is booked only when the customer accepts.",
        "请于 {day} 前向客户展示变更预览,客户确认后方可生效。",
    ),
}
