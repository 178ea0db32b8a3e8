"""The synthetic lender: invented customers, their money and their credit, delivered like any lender's extract."""

from warehouse.simulator.simulate import SimulationSummary, simulate_feeds

__all__ = ["SimulationSummary", "simulate_feeds"]
