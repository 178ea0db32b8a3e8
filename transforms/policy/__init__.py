"""What the lender may and will do, as data: policies, products, conventions, rules, documents."""
