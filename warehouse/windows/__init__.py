"""Where tiles and checkpoints of windowed features lie: slices that can be made anew at any time."""
