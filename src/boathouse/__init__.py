"""Boathouse, the lake house you can run anywhere."""

__version__ = "0.1.0"
