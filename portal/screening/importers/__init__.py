"""Readers of the formats that lists are published in: a file in, entries out, one at a time."""
