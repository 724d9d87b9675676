"""Documents as objects, parsed from markdown; no HTML."""
