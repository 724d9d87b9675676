"""Scores files of any number of customers: with arrays where the extra `bulk` is installed."""
