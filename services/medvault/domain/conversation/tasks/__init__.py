"""The tasks that a patient can be in the middle of, one flow a file."""
