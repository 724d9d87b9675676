"""Scores one customer or a batch, with exact reasons."""
