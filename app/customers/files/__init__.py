"""Customers from a file: read, checked, loaded."""
