"""The scorecard as one SQL query."""
