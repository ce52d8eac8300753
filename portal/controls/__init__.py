"""What is controlled: measures as dated intervals, items and destinations."""
