"""The churn model: its feature contract, its file format, its training."""
