"""Organisations, people, roles, sign-in."""
