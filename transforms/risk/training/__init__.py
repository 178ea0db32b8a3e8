"""Fitting a scorecard from outcomes: columns understood, binned, weighed, scaled to points, and judged out of sample.

Fitting and the challenger need the `train` extra (scikit-learn, LightGBM), imported where they are used; scoring a
night needs none of it.
"""
