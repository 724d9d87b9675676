"""Runs inside gunicorn: its configuration, background tasks, malformed requests."""
