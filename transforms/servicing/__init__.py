"""Servicing: the running plan: what fell due, what was paid, what may change, and whom to talk to."""
