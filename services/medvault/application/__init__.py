"""Use cases: the work that a webhook, a wake-up or a tick sets in motion."""
