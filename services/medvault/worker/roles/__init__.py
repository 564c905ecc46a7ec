"""The roles of worker processes, a module each, so that none loads what only another one needs."""
