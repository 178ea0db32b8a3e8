"""The customer as known that night: windows, income, debts, behaviour."""
