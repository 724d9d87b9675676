"""Pages of customers, for a browser."""
