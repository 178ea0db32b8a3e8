"""Monitoring: drift of the population and the score, fairness of decisions, figures of the portfolio."""
