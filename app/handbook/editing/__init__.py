"""What writes documents: drafts and signed reviews."""
