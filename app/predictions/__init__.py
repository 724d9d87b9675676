"""Scores with exact reasons, of one customer or of a batch."""
