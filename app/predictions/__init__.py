"""Blueprint 1: scores with exact reasons."""
