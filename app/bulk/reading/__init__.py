"""Reads files into arrays of checked customers."""
