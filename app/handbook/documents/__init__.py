"""Documents as objects."""
