"""Writes files and folders as a whole."""
