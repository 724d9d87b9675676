"""Full-text search over documents, operations and problems."""
