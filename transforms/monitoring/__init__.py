"""Watching: is the population still the one the model was made for, are people treated alike, how does the book do."""
