"""What a customer is told of a plan before it is signed."""
