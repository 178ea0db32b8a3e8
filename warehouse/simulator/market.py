"""Market indicators: invented, plausible monthly and quarterly figures by the day they were released."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from dateutil.relativedelta import relativedelta

from warehouse.simulator.feeds import simulates
from warehouse.simulator.timeline import epoch_day, month_first, month_number

if TYPE_CHECKING:
    from warehouse.simulator.draws import Streams
    from warehouse.simulator.timeline import Timeline

#: Months of releases before the history.
_LEAD = 24
#: Competitors and how dear each is, a year; purposes and what each adds; terms of which a price is noted.
_COMPETITORS = (("C01", 0.088), ("C02", 0.112), ("C03", 0.149))
_PURPOSES = (("general", 0.0), ("appliance", -0.006), ("car", -0.02), ("education", 0.004), ("medical", 0.008))
_TERMS = (3, 12, 24)
#: Code, months between figures, days from the period's end to the release, level, pull to it, step, floor, unit.
_INDICATORS = (
    ("lpr_1y", 1, -8, 3.35, 0.05, 0.03, 2.5, "percent"),
    ("lpr_5y", 1, -8, 3.85, 0.05, 0.03, 3.0, "percent"),
    ("unemployment_rate", 1, 16, 5.2, 0.15, 0.10, 4.0, "percent"),
    ("cpi_yoy", 1, 10, 0.6, 0.20, 0.25, -1.5, "percent"),
    ("gdp_yoy", 3, 17, 4.9, 0.30, 0.20, 1.0, "percent"),
    ("portfolio_npl_ratio", 1, 6, 0.021, 0.10, 0.0012, 0.005, "ratio"),
)


@simulates("market.market_indicator", once=True, file_format="csv")
def market_indicator(streams: Streams, timeline: Timeline) -> pl.DataFrame:
    """Releases from two years before the history to the last business date, with `_arrival` (epoch day)."""
    rows = []
    beginning = timeline.start - relativedelta(months=timeline.history_months + _LEAD)
    first = month_number(date(2015, 1, 1)) if beginning > date(2016, 1, 1) else month_number(beginning) - 12
    value = {code: level for code, _, _, level, *_ in _INDICATORS}
    for month in range(first, month_number(timeline.end) + 1):
        shock = streams.at("market", month).standard_normal(len(_INDICATORS))
        period_end = month_first(month + 1) - timedelta(days=1)
        for i, (code, every, lag, level, pull, step, floor, unit) in enumerate(_INDICATORS):
            if (month + 1) % every:
                continue
            value[code] = max(value[code] + pull * (level - value[code]) + step * float(shock[i]), floor)
            released = period_end + timedelta(days=lag)
            if beginning <= released <= timeline.end:
                # Lending rates move in steps of five hundredths; the others are published to two places.
                places = 4 if unit == "ratio" else 2
                shown = round(value[code] * 20) / 20 if code.startswith("lpr") else value[code]
                rows.append((code, period_end, released, Decimal(f"{shown:.{places}f}"), unit, epoch_day(released)))
    columns = ("indicator_code", "period_end", "released_on", "indicator_value", "unit", "_arrival")
    types = (pl.String(), pl.Date(), pl.Date(), pl.Decimal(18, 6), pl.String(), pl.Int64())
    return pl.DataFrame(rows, schema=dict(zip(columns, types, strict=True)), orient="row")


@simulates("market.market_price", once=True, file_format="csv")
def market_price(streams: Streams, timeline: Timeline) -> pl.DataFrame:
    """Competitors' prices as somebody notes them on the fifth of each month of the history, with `_arrival`."""
    rows = []
    for month in timeline.months:
        seen = month_first(month).replace(day=5)
        noise = streams.at("market_price", month).standard_normal((len(_COMPETITORS), len(_PURPOSES), len(_TERMS)))
        for i, (competitor, level) in enumerate(_COMPETITORS):
            for j, (purpose, extra) in enumerate(_PURPOSES):
                for k, term in enumerate(_TERMS):
                    cost = max(level + extra + 0.0005 * term + 0.004 * float(noise[i, j, k]), 0.03)
                    rows.append((competitor, purpose, term, seen, Decimal(f"{cost:.4f}"), epoch_day(seen)))
    columns = ("competitor_code", "purpose_code", "term_m", "observed_on", "annual_cost", "_arrival")
    types = (pl.String(), pl.String(), pl.Int32(), pl.Date(), pl.Decimal(9, 6), pl.Int64())
    return pl.DataFrame(rows, schema=dict(zip(columns, types, strict=True)), orient="row")
