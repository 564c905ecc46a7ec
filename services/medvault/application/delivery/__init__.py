"""Delivery: replies leave by lease, within the rates, and every outcome is recorded."""
