"""The Kubernetes API, blocking: everything that the operator reads and writes passes here."""
