"""Documents as safe HTML."""
