"""Shared by all routes: errors, JSON, requests, the OpenAPI document."""
