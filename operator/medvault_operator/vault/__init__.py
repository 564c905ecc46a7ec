"""Facts of one vault, from its spec alone or with what was observed: nothing is decided here."""
