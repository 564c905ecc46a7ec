"""What a transaction over many conversations will write: one collector a table or concern."""
