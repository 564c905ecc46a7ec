"""The writes of a transaction over many conversations: one collector a table or concern."""
