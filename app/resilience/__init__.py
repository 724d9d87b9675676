"""Calls that may fail: time limits, circuit breakers, calls shared by concurrent callers."""
