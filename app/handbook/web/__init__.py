"""The handbook's pages: routes, and what only they need."""
