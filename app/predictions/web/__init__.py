"""Pages of one prediction, for a browser."""
