"""Metrics, the request log, timing, traces."""
