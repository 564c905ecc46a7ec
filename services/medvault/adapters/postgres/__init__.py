"""PostgreSQL: the truth, and the order."""
