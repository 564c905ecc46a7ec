"""What kopf tells of the cluster, turned into vaults that are to be reconciled."""
