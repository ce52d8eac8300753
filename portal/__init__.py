"""The due-diligence portal."""
