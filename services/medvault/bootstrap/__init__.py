"""The one place that reads settings and builds the object graph, a module for each process."""
