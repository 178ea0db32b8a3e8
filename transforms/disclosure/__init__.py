"""Cost disclosure: the sheet a customer gets before a plan is signed."""
