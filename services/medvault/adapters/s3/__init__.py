"""Sealed files in a bucket of an S3 store."""
