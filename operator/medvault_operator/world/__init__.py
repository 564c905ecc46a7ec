"""The observed cluster, as plain values: decisions know nothing else of it."""
