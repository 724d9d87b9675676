"""What the documents' figures are printed by; `make bench`."""
