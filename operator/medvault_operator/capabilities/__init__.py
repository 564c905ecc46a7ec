"""Capabilities of the operator, one a file: each decides, and none touches anything.

A capability is a pure function of a blueprint, the observed world and the stage of the roll-out.
"""
