"""`make bench`: prints the documents' performance figures."""
