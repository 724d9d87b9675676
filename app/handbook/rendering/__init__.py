"""Documents as HTML."""
