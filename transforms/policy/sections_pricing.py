"""The figures of a policy that shape prices and schedules: repayment methods, what follows the market."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.policy.mistakes import Table, Whole


@dataclass(frozen=True)
class Methods(Table):
    """How far repayment may be put off.

    Longest terms in months of interest-only plans, balloons and steps (0: not sold); a balloon is at most
    `balloon_max_bp` of the principal, a step changes the installment by at most `step_max_bp` a year.
    """

    int_first_max_term_m: Whole
    balloon_max_term_m: Whole
    balloon_max_bp: Whole
    step_max_term_m: Whole
    step_max_bp: Whole


@dataclass(frozen=True)
class PriceOverlay(Table):
    """What the one-year loan prime rate adds to every price: `passed_on_bp` of its distance from `lpr_base_bp`.

    At most `max_move_bp` up or down; a base of 0 adds nothing, and neither does a night that knows no such rate.
    """

    lpr_base_bp: Whole
    passed_on_bp: Whole
    max_move_bp: Whole
