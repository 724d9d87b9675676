"""The handbook as static pages, which outlive the service."""
