"""What patients read."""
