"""Decisions: pure functions from a vault and the observed world to a word, a reason, advice."""
