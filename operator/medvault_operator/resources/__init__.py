"""Builders: pure functions from a vault to the Kubernetes objects that make it up."""
