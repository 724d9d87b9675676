"""Writes documents: drafts and signed reviews."""
