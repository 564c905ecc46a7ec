"""Encryption at rest and keyed digests: fulfils `medvault.ports.sealing`."""
