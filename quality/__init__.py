"""WHAT MUST HOLD: contracts turned into Great Expectations suites, quarantine and data docs."""
