"""Registry, restricted list, suspension and revocation."""
