"""Scores one file after another, each into a part of the result."""
