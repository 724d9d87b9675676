"""Measures the service under load; needs a machine to itself."""
