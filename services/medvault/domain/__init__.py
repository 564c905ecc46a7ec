"""The subject of medvault: values and decisions, without input or output."""
