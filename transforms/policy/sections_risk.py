"""What a policy says of judging risk: market overlay, analysts, co-obligors, over-indebtedness, needs.

Read like the sections of :mod:`transforms.policy.sections`: every field given, no defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What over-indebtedness may ask for, from nothing to the strictest.
ACTIONS = ("none", "cool_off", "cap_plans", "stop")


@dataclass(frozen=True)
class MarketOverlay:
    """How market indicators move the cut-offs, in points of the score.

    A signal is adverse (or, falling, benign) when over `look_back_m` months the unemployment rate has risen by
    `unemployment_move_bp` (100: one percentage point), the portfolio's share of non-performing loans by `npl_move_bp`,
    the one-year loan prime rate by `lpr_move_bp`. Each net adverse signal asks for `points_per_signal`, at most
    `max_shift_points`; each net benign one eases by `easing_points_per_signal`, at most `max_easing_points`.
    Tightening is at once, easing only once `loosen_after_m` months have asked for it throughout; neither moves more
    than `max_move_points_m` within a calendar month.
    """

    look_back_m: int
    unemployment_move_bp: int
    npl_move_bp: int
    lpr_move_bp: int
    points_per_signal: int
    max_shift_points: int
    easing_points_per_signal: int
    max_easing_points: int
    loosen_after_m: int
    max_move_points_m: int


@dataclass(frozen=True)
class AnalystNotes:
    """Whether an analyst's judgement moves a grade, by at most `max_notch` grades, for at most `max_days` days.

    `accepted_reasons` are the only grounds; an opinion on connections or standing ("social influence") is none.
    `upgrade_needs_fresh_bureau`: no better grade by judgement while credit information is stale or missing.
    """

    accepted: bool
    max_notch: int
    max_days: int
    accepted_reasons: tuple[str, ...]
    upgrade_needs_fresh_bureau: bool


@dataclass(frozen=True)
class CoObligors:
    """Which signed co-obligors lower the loss given default: their roles, and the least share they answer for."""

    counted_roles: tuple[str, ...]
    least_share_bp: int


@dataclass(frozen=True)
class OverIndebtedness:
    """When borrowing has become too much: thresholds, what passing each counts, and from how much on what is done.

    Ratios in basis points, counts as they are; `pressure` is debt service over income left after living cost. From
    `cool_off_points` on no plan within `cool_off_days` of the last borrowing; from `stop_points` on none at all; with
    `max_open_plans` running plans none more.
    """

    max_dsr_bp: int
    dsr_points: int
    max_pressure_bp: int
    pressure_points: int
    max_revolving_use_bp: int
    revolving_use_points: int
    max_new_lenders_3m: int
    new_lenders_points: int
    max_debt_growth_bp: int
    debt_growth_points: int
    least_debt_growth_cents: int
    many_plans: int
    many_plans_points: int
    max_open_plans: int
    cool_off_points: int
    cool_off_days: int
    stop_points: int


@dataclass(frozen=True)
class Strategy:
    """What tells needs apart: revolving use worth consolidating, share of orders in installments that is a habit."""

    consolidate_use_bp: int
    repeat_share_bp: int
    purchase_orders_3m: int


@dataclass(frozen=True)
class Alerts:
    """What is unusual in a customer's newest bank lines: days looked at, days they are held against, thresholds.

    `z_centi`: hundredths of a standard deviation above the mean payment; `velocity_factor`: times the usual payments of
    a day; `cash_share_bp` of what came in, drawn in cash; `loop_tolerance_bp`: how much the way back may differ. With
    fewer than `least_lines` earlier payments a customer has no habit to deviate from.
    """

    look_days: int
    baseline_days: int
    least_lines: int
    least_amount_cents: int
    z_centi: int
    velocity_factor: int
    least_velocity: int
    cash_share_bp: int
    loop_tolerance_bp: int
    night_from_h: int
    night_to_h: int
    least_night_lines: int


@dataclass(frozen=True)
class Interventions:
    """From what on each rung of the ladder is reached: days past due, points the score has fallen, alert scores.

    Due and expiry in days from the night; what is urgent (a case for a person, a freeze) is due sooner. Customers of
    `gentle_segments` get a message where others get a call.
    """

    gentle_segments: tuple[str, ...]
    call_dpd: int
    relief_dpd: int
    manual_dpd: int
    score_fall_points: int
    call_alert: int
    manual_alert: int
    urgent_due_days: int
    due_days: int
    expiry_days: int
