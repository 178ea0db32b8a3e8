"""Every column of the profile's tables, declared once: source, window, aggregation, unit, as-of rule, words.

From here come the derived columns' formulas, the columns a withheld consent empties, the contracts' texts and the data
dictionary. A test holds them equal; `make dictionary` writes contracts and dictionary anew.
"""
