"""The entry point of WSGI servers."""

from app import create_app

app = create_app()
