"""Adapters that need no server: the embedded mode runs on them."""
