"""Valkey or Redis: a cache and the shared token buckets; losing it costs speed only."""
