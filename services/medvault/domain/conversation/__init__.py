"""One conversation: what moves it, what is remembered of it, and what follows."""
