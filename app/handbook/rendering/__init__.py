"""Renders documents as safe HTML."""
