"""The custom resource: its typed versions, its conditions, its definition for the API server."""
