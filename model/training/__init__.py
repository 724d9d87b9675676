"""Training, with the extra `model`: turns labelled customers into a release."""
