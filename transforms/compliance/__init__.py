"""Compliance checks: offers and decisions against the law and the lender's own limits."""
