"""What a plan costs: due dates, exact schedules, changes to them, annual cost by each regime's method, the rate card.

Pure: integers for money, exact fractions for interest, floats only for annual rates. Nothing here reads a file or a
clock.
"""
