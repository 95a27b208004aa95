"""Frozen types that all other parts speak of. Nothing here reads a clock, a socket or a file."""
