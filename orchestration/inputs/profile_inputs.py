"""Reference data the profile reads, as known on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.profile.occupation import Occupations, parse_occupations
from transforms.profile.risk_point import RiskPointRule, parse_risk_points
from warehouse.reference import occupations, risk_points

if TYPE_CHECKING:
    from datetime import date


def occupations_on(day: date) -> Occupations:
    """How stable occupations are, and the wage growth released by a day."""
    document = occupations()
    return parse_occupations(document.body, day, document.path.name)


def risk_point_rules(day: date) -> tuple[RiskPointRule, ...]:
    """The rules of the risk points in force on a day."""
    document = risk_points()
    return parse_risk_points(document.body, day, document.path.name)
