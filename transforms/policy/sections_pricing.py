"""The figures of a policy that shape prices and schedules: repayment methods, what follows the market."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Methods:
    """How far repayment may be put off.

    Longest terms in months of interest-only plans, balloons and steps (0: not sold); a balloon is at most
    `balloon_max_bp` of the principal, a step changes the installment by at most `step_max_bp` a year.
    """

    int_first_max_term_m: int
    balloon_max_term_m: int
    balloon_max_bp: int
    step_max_term_m: int
    step_max_bp: int


@dataclass(frozen=True)
class PriceOverlay:
    """What the one-year loan prime rate adds to every price: `passed_on_bp` of its distance from `lpr_base_bp`.

    At most `max_move_bp` up or down; a base of 0 adds nothing, and neither does a night that knows no such rate.
    """

    lpr_base_bp: int
    passed_on_bp: int
    max_move_bp: int
