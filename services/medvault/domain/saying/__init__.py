"""The texts that patients read."""
