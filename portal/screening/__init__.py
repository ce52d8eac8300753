"""Lists of restricted parties, names, matching."""
