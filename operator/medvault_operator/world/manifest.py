"""Kubernetes' objects as they go over the wire."""

from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object as JSON has it."""
