"""Stored customers: database and cache."""
