"""What is measured and logged: metrics, the request log, timing, traces."""
