"""The HTTP service that takes the webhooks."""
