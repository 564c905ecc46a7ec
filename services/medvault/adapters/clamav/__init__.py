"""ClamAV's daemon, over its own protocol."""
