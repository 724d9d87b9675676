"""The documentation standard."""
