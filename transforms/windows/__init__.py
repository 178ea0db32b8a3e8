"""Windowed features of event rows: declared once, computed from rows, month tiles or checkpoints."""
