"""Credit risk: scorecard, assessment, reasons, measures."""
