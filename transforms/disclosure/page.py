"""A cost sheet for people: a page that prints on one or two sheets of A4 and opens without a network, or plain text."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Literal

from transforms.dates.calendar import MONTHLY
from transforms.disclosure.as_json import cancellation, statements
from transforms.disclosure.disclosure import TEMPLATE_VERSION, percent
from transforms.disclosure.words import (
    AS_INTEREST,
    COLLECTORS,
    LABELS,
    METHODS,
    NO_OTHER_FEES,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.disclosure.disclosure import Charge, Disclosure

Language = Literal["en", "zh", "both"]

_STYLE = """
@page{size:A4;margin:14mm}
body{font:13px/1.45 "Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif;
  color:#111;max-width:186mm;margin:8mm auto;padding:0 4mm}
h1{font-size:19px;margin:0 0 2px} h2{font-size:14px;margin:16px 0 4px;break-after:avoid}
p{margin:3px 0} table{border-collapse:collapse;width:100%} tr{break-inside:avoid}
th,td{border:1px solid #b8b8b8;padding:3px 6px;text-align:left;vertical-align:top}
th{background:#f2f2f2;font-weight:600} td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.en{display:block;color:#444;font-size:.88em} .only .en{color:inherit;font-size:inherit}
.key{color:#555;font-size:.88em} .big td{font-size:16px;font-weight:700} .no{border:2px solid #111;padding:6px 8px;
  margin:10px 0;font-weight:600;break-inside:avoid} .terms td:first-child{width:42%}
.charges td:nth-child(1),.charges td:nth-child(4),.charges th{white-space:nowrap}
@media print{body{margin:0;padding:0}}
"""
_UNITS = {
    "day": Words("days", "天"),
    "week": Words("weeks", "周"),
    "semimonth": Words("half-months", "个半月"),
    "month": Words("months", "个月"),
}
_SIMPLE_BY_PERIOD = Words("simple (rate a period × periods a year)", "单利(每期内部收益率×每年期数)")
_CURRENCY = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "$"}


def disclosure_page(sheet: Disclosure, language: Language = "both") -> str:
    """The sheet as a whole HTML page."""
    say = _Speaker(language)
    terms = sheet.terms
    parts = [
        f"<h1>{say(LABELS['title'])}</h1>",
        f"<p class='key'>{_line_of(say, 'key')}: {html.escape(terms.offer_key)}</p>" if terms.offer_key else "",
        _terms(sheet, say),
        f"<h2>{say(LABELS['normal'])}</h2>{_charges(sheet.of('normal'), say, sheet)}",
        f"<p class='no'>{say(NO_OTHER_FEES)}</p>",
        f"<h2>{say(LABELS['contingent'])}</h2>{_charges(sheet.of('contingent'), say, sheet)}",
    ]
    if others := sheet.of("paid_by_others"):
        parts.append(f"<h2>{say(LABELS['paid_by_others'])}</h2>{_charges(others, say, sheet, paid=True)}")
    parts.append(f"<h2>{say(LABELS['cancelling'])}</h2>" + "".join(f"<p>{say(w)}</p>" for w in cancellation(sheet)))
    parts += [f"<p>{say(said)}</p>" for said in statements(sheet)]
    if terms.valid_until is not None:
        parts.append(f"<p>{say(_filled('valid', terms.valid_until.isoformat()))}</p>")
    parts.append(_schedule(sheet, say))
    if terms.basis:
        cited = html.escape("; ".join(terms.basis))
        parts.append(f"<p class='key'>{_line_of(say, 'basis')}: {cited} · {TEMPLATE_VERSION}</p>")
    lang, only = ("zh" if language != "en" else "en"), ("" if language == "both" else " class='only'")
    title = html.escape(LABELS["title"].zh if lang == "zh" else LABELS["title"].en)
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'><title>{title}</title><style>{_STYLE}</style>"
        f"</head><body{only}>{''.join(parts)}</body></html>"
    )


def disclosure_text(sheet: Disclosure, language: Literal["en", "zh"]) -> str:
    """The sheet as lines for a terminal."""
    n = 0 if language == "en" else 1
    money = _money(sheet)
    lines = [LABELS["title"][n]]
    lines += [f"  {label[n]}: {value}" for label, value in _facts(sheet, n)]
    for category in ("normal", "contingent", "paid_by_others"):
        if not sheet.of(category):
            continue
        lines.append(LABELS[category][n])
        for charge, cents in sheet.of(category):
            amount = "" if cents is None else f" = {money(cents)}"
            lines.append(
                f"  {charge.name[n]}: {charge.standard()[n]}{amount}; {charge.method[n]}"
                f" ({LABELS['payer' if category == 'paid_by_others' else 'collector'][n]}:"
                f" {COLLECTORS[charge.collector][n]})"
            )
        if category == "normal":
            lines.append(f"  {NO_OTHER_FEES[n]}")
    lines += [f"  {said[n]}" for said in (*cancellation(sheet), *statements(sheet)) if said is not AS_INTEREST]
    if sheet.terms.basis:
        lines.append(f"  {LABELS['basis'][n]}: {'; '.join(sheet.terms.basis)}")
    return "\n".join(lines)


class _Speaker:
    """Words as HTML in one language, or in both: Chinese first, English beneath."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, said: Words) -> str:
        if self._language == "both" and said.zh != said.en:
            return f"{html.escape(said.zh)}<span class='en' lang='en'>{html.escape(said.en)}</span>"
        return html.escape(said.en if self._language == "en" else said.zh)

    def inline(self, said: Words) -> str:
        """The same on one line."""
        if self._language == "both":
            return f"{html.escape(said.zh)} {html.escape(said.en)}"
        return html.escape(said.en if self._language == "en" else said.zh)


def _line_of(say: _Speaker, label: str) -> str:
    return say.inline(LABELS[label])


def _filled(label: str, day: str) -> Words:
    return Words(*(text.format(day=day) for text in LABELS[label]))


def _money(sheet: Disclosure):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a function of cents
    sign = _CURRENCY.get(sheet.terms.currency, f"{sheet.terms.currency} ")

    def told(cents: int) -> str:
        return f"{sign}{cents // 100:,}.{cents % 100:02d}"

    return told


def _facts(sheet: Disclosure, n: int) -> list[tuple[Words, str]]:
    """The plan's terms and annual costs, in order, in the language number `n` (0 English, 1 Chinese)."""
    plan, terms, schedule, money = sheet.plan, sheet.terms, sheet.schedule, _money(sheet)
    level = len({row.payment_cents for row in schedule.installments[:-1]}) <= 1
    return [
        (LABELS["product"], terms.product[n]),
        (LABELS["principal"], money(plan.lent_cents)),
        *([(LABELS["down_payment"], money(plan.down_payment_cents))] if plan.down_payment_cents else []),
        _count(sheet),
        (LABELS["method"], METHODS[plan.method.value][n]),
        (LABELS["payment" if level else "first_payment"], money(schedule.payment_cents)),
        (LABELS["last_payment"], money(schedule.last_payment_cents)),
        (LABELS["nominal_rate"], percent(int(plan.annual_rate * 1_000_000))),
        (LABELS["annual_shown"], f"{terms.annual_cost:.{terms.decimals}%}"),
        (LABELS["apr_irr"], f"{terms.apr_irr:.2%}"),
        (LABELS["apr_simple"] if plan.frequency == MONTHLY else _SIMPLE_BY_PERIOD, f"{terms.apr_simple:.2%}"),
        (LABELS["all_costs"], money(sheet.cost_cents)),
        (LABELS["all_repaid"], money(schedule.total_cents)),
    ]


def _count(sheet: Disclosure) -> tuple[Words, str]:
    """How many installments, and how far apart where they are not monthly."""
    count, every = len(sheet.schedule.installments), sheet.plan.frequency
    if every == MONTHLY:
        return LABELS["term"], str(count)
    unit = _UNITS[every.unit]
    label = Words(f"Installments, one every {every.every} {unit.en}", f"期数(每{every.every}{unit.zh}一期)")
    return label, str(count)


def _terms(sheet: Disclosure, say: _Speaker) -> str:
    rows = []
    for (label, english), (_, chinese) in zip(_facts(sheet, 0), _facts(sheet, 1), strict=True):
        big = " class='big'" if label is LABELS["annual_shown"] else ""
        rows.append(f"<tr{big}><td>{say(label)}</td><td>{say(Words(english, chinese))}</td></tr>")
    return f"<table class='terms'>{''.join(rows)}</table>"


def _charges(
    lines: Sequence[tuple[Charge, int | None]], say: _Speaker, sheet: Disclosure, *, paid: bool = False
) -> str:
    money = _money(sheet)
    happens = any(cents is not None for _, cents in lines)
    heads = ["charge", "how", "standard", "payer" if paid else "collector", *(["amount"] if happens else [])]
    rows = []
    for charge, cents in lines:
        cells = [say(charge.name), say(charge.method), say(charge.standard()), say(COLLECTORS[charge.collector])]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(row + (f"<td class='n'>{money(cents or 0)}</td>" if happens else ""))
    return _table((say(LABELS[head]) for head in heads), rows, "charges")


def _schedule(sheet: Disclosure, say: _Speaker) -> str:
    money = _money(sheet)
    heads = ("no", "due", "part_payment", "part_principal", "part_interest", "part_fee", "balance")
    rows = []
    for row in sheet.schedule.rows:
        amounts = (row.payment_cents, row.principal_cents, row.interest_cents, row.fee_cents, row.balance_cents)
        numbers = "".join(f"<td class='n'>{money(cents)}</td>" for cents in amounts)
        rows.append(f"<td class='n'>{row.installment_no}</td><td>{row.due_on.isoformat()}</td>{numbers}")
    title = say(_filled("schedule", sheet.schedule.start_on.isoformat()))
    return f"<h2>{title}</h2>{_table((say(LABELS[head]) for head in heads), rows)}"


def _table(heads: Iterable[str], rows: Iterable[str], kind: str = "") -> str:
    head = "".join(f"<th>{cell}</th>" for cell in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table class='{kind}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
