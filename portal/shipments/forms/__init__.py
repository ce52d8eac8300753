"""Forms of the workspace. What is entered is checked by ``portal.shipments.entries``; a form only carries it."""
