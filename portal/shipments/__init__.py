"""The exporter's workspace, from draft to decision."""
