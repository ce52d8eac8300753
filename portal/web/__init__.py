"""Shared web parts: layout, fields, errors, headers, paging."""
