"""One conversation: the events that move it, its state, and the effects that follow."""
