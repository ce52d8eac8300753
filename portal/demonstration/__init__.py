"""The invented month of work that ``make run`` loads: exporters, shipments in every state, certificates and lists."""
