"""Where customers are kept: the database and the cache before it."""
