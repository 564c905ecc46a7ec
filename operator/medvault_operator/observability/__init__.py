"""The operator's logs, metrics and probes."""
