"""How risky a promise is: scorecard, assessment, reasons, measures."""
