"""Real servers for tests, benchmarks and soak."""
