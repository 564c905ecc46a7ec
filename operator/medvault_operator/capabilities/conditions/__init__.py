"""The conditions of a vault, one a file: each whether it holds, why, and what to do next."""
