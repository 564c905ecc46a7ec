"""Meta's Cloud API as a server of its own, with a chat page."""
