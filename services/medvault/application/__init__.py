"""Use cases: what a webhook, a wake-up or a tick sets in motion."""
