"""Stored customers: a database, a cache in front of it, and what happens when either is away."""

from __future__ import annotations

from flask import Flask, current_app

from app.config import Settings
from app.customers.cache import Cache
from app.customers.database import Database
from app.customers.store import Store


def store() -> Store:
    """The application's stored customers."""
    found: Store = current_app.extensions["customers"]
    return found


def init_app(app: Flask, settings: Settings) -> None:
    """Make the store; nothing is connected to until the first lookup."""
    database = Database(settings.database_url)
    app.extensions["customers"] = Store(database, Cache(settings.cache_url, database.generation))
