"""Prepares the model card: tables, bars and plots."""
