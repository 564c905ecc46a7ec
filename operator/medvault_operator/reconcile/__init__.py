"""One pass over one vault: observe, decide, apply, prune, and say so last."""
