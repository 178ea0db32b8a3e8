"""The assets, a module per layer: each reads, calls one transform, and hands the frame back."""
