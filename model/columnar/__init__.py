"""The scorecard over arrays: many customers at once, with numpy. The server doesn't import it."""
