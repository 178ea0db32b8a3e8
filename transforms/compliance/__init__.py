"""Whether what is offered keeps the law and the lender's own bounds."""
