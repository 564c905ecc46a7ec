"""The reading of what patients type: commands, answers, dates."""
