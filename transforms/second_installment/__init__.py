"""What may be done with a plan that runs: change, pause, restructure, settle, add to."""
