"""Pages and words for people: the night, a customer, a model, a simulation, a disclosure."""
