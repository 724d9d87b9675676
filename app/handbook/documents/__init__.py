"""Parses markdown documents into objects, without HTML."""
