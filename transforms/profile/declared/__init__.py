"""Every column of the profile's tables, declared once: source, window, aggregation, unit, as-of rule, words.

One direction: from here come the derived columns' formulas, the columns a withheld consent empties, and the columns of
the contracts (`contract_text`), from which everything else is made. `make dictionary` writes contracts and dictionary.
"""
