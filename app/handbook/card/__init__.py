"""The model card: its tables, bars and plots, ready to show."""
