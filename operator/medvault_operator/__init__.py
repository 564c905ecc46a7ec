"""The Kubernetes operator of medvault."""
