"""Calls to parts that may be away."""
