"""The console command `churn`, and the commands that need several rooms at once."""
