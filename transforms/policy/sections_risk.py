"""What a policy says of judging risk: market overlay, analysts, co-obligors, over-indebtedness, needs.

Read like the sections of :mod:`transforms.policy.sections`: every field given, no defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

from transforms.policy.mistakes import Flag, Table, Text, Whole

#: What over-indebtedness may ask for, from nothing to the strictest.
ACTIONS = ("none", "cool_off", "cap_plans", "stop")


@dataclass(frozen=True)
class MarketOverlay(Table):
    """How market indicators move the cut-offs, in points of the score.

    A signal is adverse (or, falling, benign) when over `look_back_m` months the unemployment rate has risen by
    `unemployment_move_bp` (100: one percentage point), the portfolio's share of non-performing loans by `npl_move_bp`,
    the one-year loan prime rate by `lpr_move_bp`. Each net adverse signal asks for `points_per_signal`, at most
    `max_shift_points`; each net benign one eases by `easing_points_per_signal`, at most `max_easing_points`.
    Tightening is at once, easing only once `loosen_after_m` months have asked for it throughout; neither moves more
    than `max_move_points_m` within a calendar month.
    """

    look_back_m: Whole
    unemployment_move_bp: Whole
    npl_move_bp: Whole
    lpr_move_bp: Whole
    points_per_signal: Whole
    max_shift_points: Whole
    easing_points_per_signal: Whole
    max_easing_points: Whole
    loosen_after_m: Whole
    max_move_points_m: Whole


@dataclass(frozen=True)
class AnalystNotes(Table):
    """Whether an analyst's judgement moves a grade, by at most `max_notch` grades, for at most `max_days` days.

    `accepted_reasons` are the only grounds; an opinion on connections or standing ("social influence") is none.
    `upgrade_needs_fresh_bureau`: no better grade by judgement while credit information is stale or missing.
    """

    accepted: Flag
    max_notch: Whole
    max_days: Whole
    accepted_reasons: tuple[Text, ...]
    upgrade_needs_fresh_bureau: Flag


@dataclass(frozen=True)
class CoObligors(Table):
    """Which signed co-obligors lower the loss given default: their roles, and the least share they answer for."""

    counted_roles: tuple[Text, ...]
    least_share_bp: Whole


@dataclass(frozen=True)
class OverIndebtedness(Table):
    """When borrowing has become too much: thresholds, what passing each counts, and from how much on what is done.

    Ratios in basis points, counts as they are; `pressure` is debt service over income left after living cost. From
    `cool_off_points` on no plan within `cool_off_days` of the last borrowing; from `stop_points` on none at all; with
    `max_open_plans` running plans none more.
    """

    max_dsr_bp: Whole
    dsr_points: Whole
    max_pressure_bp: Whole
    pressure_points: Whole
    max_revolving_use_bp: Whole
    revolving_use_points: Whole
    max_new_lenders_3m: Whole
    new_lenders_points: Whole
    max_debt_growth_bp: Whole
    debt_growth_points: Whole
    least_debt_growth_cents: Whole
    many_plans: Whole
    many_plans_points: Whole
    max_open_plans: Whole
    cool_off_points: Whole
    cool_off_days: Whole
    stop_points: Whole


@dataclass(frozen=True)
class Strategy(Table):
    """What tells needs apart: revolving use worth consolidating, share of orders in installments that is a habit."""

    consolidate_use_bp: Whole
    repeat_share_bp: Whole
    purchase_orders_3m: Whole


@dataclass(frozen=True)
class Alerts(Table):
    """What is unusual in a customer's newest bank lines: days looked at, days they are compared with, thresholds.

    `z_centi`: hundredths of a standard deviation above the mean payment; `velocity_factor`: times the usual payments of
    a day; `cash_share_bp` of what came in, drawn in cash; `loop_tolerance_bp`: how much the way back may differ. With
    fewer than `least_lines` earlier payments a customer has no habit to deviate from.
    """

    look_days: Whole
    baseline_days: Whole
    least_lines: Whole
    least_amount_cents: Whole
    z_centi: Whole
    velocity_factor: Whole
    least_velocity: Whole
    cash_share_bp: Whole
    loop_tolerance_bp: Whole
    night_from_h: Whole
    night_to_h: Whole
    least_night_lines: Whole


@dataclass(frozen=True)
class Interventions(Table):
    """From what on each rung of the ladder is reached: days past due, points the score has fallen, alert scores.

    Due and expiry in days from the night; what is urgent (a case for a person, a freeze) is due sooner. Customers of
    `gentle_segments` get a message where others get a call.
    """

    gentle_segments: tuple[Text, ...]
    call_dpd: Whole
    relief_dpd: Whole
    manual_dpd: Whole
    score_fall_points: Whole
    call_alert: Whole
    manual_alert: Whole
    urgent_due_days: Whole
    due_days: Whole
    expiry_days: Whole
