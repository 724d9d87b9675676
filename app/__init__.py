"""The churn-prediction service and its handbook."""
