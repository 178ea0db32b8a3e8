"""A published night in a few tables: what came in, what was kept out and why, who got what, where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.reports.pictures import Bars
from orchestration.reports.section import Section
from warehouse.lake import Lake
from warehouse.sql import literal

if TYPE_CHECKING:
    from datetime import date

    from warehouse.settings import Settings


@dataclass(frozen=True)
class NightSummary:
    """The whole summary of one night."""

    business_date: date
    manifest: dict[str, Any]
    sections: tuple[Section, ...]
    pictures: tuple[Bars, ...]


_FEEDS = """
SELECT feed, count(*) AS deliveries, sum(accepted_rows) AS landed, sum(quarantined_rows) AS quarantined,
  sum(unreadable_rows) AS unreadable
FROM (SELECT * FROM lake.control.feed_delivery WHERE business_date <= $day AND status = 'accepted'
      QUALIFY row_number() OVER (PARTITION BY feed, business_date, delivery_seq ORDER BY landing_no DESC) = 1)
GROUP BY feed ORDER BY feed"""
_KEPT_OUT = """
SELECT feed, rule, count(*) AS rows FROM (SELECT feed, unnest(rules) AS rule FROM lake.control.quarantine
WHERE business_date <= $day) GROUP BY ALL ORDER BY rows DESC, feed, rule LIMIT 15"""
_DECISIONS = """
SELECT decision, count(*) AS customers, coalesce(median(limit_cents) FILTER (WHERE limit_cents > 0), 0) / 100,
  min(min_rate), max(max_rate)
FROM lake.eligibility.customer_eligibility WHERE as_of_date = $day GROUP BY decision ORDER BY customers DESC"""
_REASONS = """
WITH fired AS (
  SELECT decision, unnest(reasons) AS code FROM lake.eligibility.customer_eligibility WHERE as_of_date = $day),
counted AS (SELECT decision, code, count(*) AS customers FROM fired GROUP BY ALL),
rules AS (SELECT * FROM lake.reference.policy WHERE as_of_date = $day AND kind = 'rule')
SELECT counted.decision, code, reason_en, reason_zh, customers FROM counted JOIN rules ON item_key = code
QUALIFY row_number() OVER (PARTITION BY counted.decision ORDER BY customers DESC, code) <= 5
ORDER BY counted.decision, customers DESC"""
_OFFERS = """
SELECT product_code, plan_type, count(*) AS offers, count(DISTINCT customer_token) AS customers,
  median(amount_cents) / 100, median(payment_cents) / 100, median(apr_simple), median(apr_irr)
FROM lake.eligibility.installment_offer WHERE as_of_date = $day GROUP BY ALL ORDER BY offers DESC"""
_GRADES = """
SELECT risk_grade, count(*) AS customers, avg(pd_12m), min(score), max(score)
FROM lake.risk.risk_assessment WHERE as_of_date = $day GROUP BY ALL ORDER BY risk_grade"""
_MANIFEST = """
SELECT run_id, publication, published_at, policy_id, policy_version, model_version, manifest_digest
FROM lake.control.run_manifest WHERE business_date = $day ORDER BY manifest_no DESC LIMIT 1"""


def night_summary(settings: Settings, day: date) -> NightSummary:
    """Read the summary of a published night; LookupError when it is not published."""
    with Lake.open(settings, read_only=True) as lake:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return lake.con.execute(query, {"day": day}).fetchall()

        manifest = lake.frame(_MANIFEST.replace("$day", literal(day))).to_dicts()
        if not manifest:
            raise LookupError(f"the night of {day} is not published")
        decisions, grades, offers = rows(_DECISIONS), rows(_GRADES), rows(_OFFERS)
        sections = (
            Section(
                "Feeds in: 数据源",
                ("feed", "deliveries", "rows landed", "quarantined", "unreadable"),
                tuple((str(f), *(f"{int(n):,}" for n in counts)) for f, *counts in rows(_FEEDS)),
            ),
            Section(
                "Kept out, and why: 隔离原因",
                ("feed", "rule broken", "rows"),
                tuple((str(f), str(r), f"{n:,}") for f, r, n in rows(_KEPT_OUT)),
            ),
            Section(
                "Decisions: 准入结果",
                ("decision", "customers", "median limit", "lowest rate", "highest rate"),
                tuple((d, f"{n:,}", _amount(m), _rate(lo), _rate(hi)) for d, n, m, lo, hi in decisions),
            ),
            Section(
                "Most frequent reasons: 主要原因",
                ("decision", "reason", "in words", "原因", "customers"),
                tuple((d, c, en, zh, f"{n:,}") for d, c, en, zh, n in rows(_REASONS)),
            ),
            Section(
                "Risk grades: 风险等级",
                ("grade", "customers", "mean pd 12 m", "lowest score", "highest score"),
                tuple((g, f"{n:,}", _rate(p), str(lo), str(hi)) for g, n, p, lo, hi in grades),
            ),
            Section(
                "Offers: 分期方案",
                ("product", "plan", "offers", "customers", "amount", "payment", "annual simple", "annual compound"),
                tuple(
                    (p, t, f"{o:,}", f"{c:,}", _amount(a), _amount(m), _rate(s), _rate(i))
                    for p, t, o, c, a, m, s, i in offers
                ),
            ),
        )
        pictures = (
            Bars("Customers by decision 准入结果", "customers", [(d, n) for d, n, *_ in decisions]),
            Bars("Customers by risk grade 风险等级", "customers", [(g, n) for g, n, *_ in grades]),
            Bars(
                "Customers with an offer, by product and plan 分期方案",
                "customers",
                [(f"{product}, {plan}", n) for product, plan, _, n, *_ in offers],
            ),
            Bars(
                "Median annual cost, compounded, by product and plan 年化综合融资成本",
                "percent a year",
                [(f"{product}, {plan}", float(irr) * 100) for product, plan, *_, irr in offers],
            ),
        )
    return NightSummary(day, manifest[0], sections, pictures)


def _amount(value: Any) -> str:
    return f"{float(value):,.2f}"


def _rate(value: Any) -> str:
    return "" if value is None else f"{float(value):.2%}"
