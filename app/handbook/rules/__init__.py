"""The documentation standard: what each kind of document must contain."""
