"""Calls that may fail: time limits, circuit breakers, bulkheads, shared calls."""
