"""Guidance pages in both languages."""
