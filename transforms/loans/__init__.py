"""The loan engine: schedules, allocation of payments, changes, and the state of a loan on any day.

The one engine of the lender's own plans. Quotes, the rate card and the offers price by its closed and vectorised forms;
servicing, profile, risk and decisions read the state it gives. Pure: integers for money, exact fractions for interest.
"""
