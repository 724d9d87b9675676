"""Training, with the extra `model`: from labelled customers to a release."""
