"""The catalogue of reasons, read from its files."""

from __future__ import annotations

from transforms.policy.reasons import ReasonBook, parse_reasons
from warehouse.reference import reasons


def reason_book() -> ReasonBook:
    """Every shipped reason, of every date."""
    return parse_reasons({document.path.name: document.body for document in reasons()})
