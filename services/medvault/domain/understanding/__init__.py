"""What patients type, read: commands, answers, dates."""
