"""Attempts to get out of the box in which a hostile file is read.

They run where the parser runs: an examiner's child whose parser is replaced by the attempt.
"""
