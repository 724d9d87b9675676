"""What runs inside gunicorn: its configuration, background tasks, malformed requests."""
