"""What medvault is about: values and decisions, without input or output."""
