"""What was observed of the cluster, as plain values: nothing else is known of it further up."""
