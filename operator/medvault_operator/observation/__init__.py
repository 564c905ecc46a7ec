"""Reading the world around a vault: from the Kubernetes API, and from pods of inbound."""
