"""Files to read and to write: paths, folders, URLs."""
