"""Checked customers become a table of scores, with reasons in words."""
