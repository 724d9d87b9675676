"""What gunicorn runs beside the application."""
