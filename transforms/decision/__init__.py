"""Who may have a plan, up to how much and for how long, and why not."""
