"""The figures of a policy that shape prices and schedules: repayment methods, due dates, what follows the market."""

from __future__ import annotations

from dataclasses import dataclass

ROLLS = ("none", "following", "modified_following", "preceding")
MONTH_ENDS = ("last_day", "first_of_next")


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
class Conventions:
    """Due dates: what a due date on a closed day becomes, by which calendar, and a day that a month does not have."""

    business_day_roll: str
    calendar: str
    month_end: str


@dataclass(frozen=True)
class PriceOverlay:
    """What the one-year loan prime rate adds to every price: `passed_on_bp` of its distance from `lpr_base_bp`.

    At most `max_move_bp` up or down; a base of 0 adds nothing, and neither does a night that knows no such rate.
    """

    lpr_base_bp: int
    passed_on_bp: int
    max_move_bp: int
