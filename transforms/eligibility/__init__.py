"""Who may have a plan, up to how much and at which price: policies, products, eligibility and offers."""
