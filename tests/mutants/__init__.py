"""Mutation testing: small errors put into a module one at a time, to see whether its tests notice.

`make mutants` runs it; `__main__` says how. Nothing here is part of the product. Of the tools on PyPI, mutmut 3.8 skips
decorated functions and module-level figures and cosmic-ray 8.7 runs one command in a fresh process for every mutant;
neither sees a condition inside SQL text or a rule in a contract, where half of what must hold here is written.
"""
