"""Statement, issue, PDF, seal, credential, keys, status."""
