"""The commands of `fenqi`, a module each with a `register(app)`."""
