"""The operators' view of a running process: logs, metrics, probes."""
