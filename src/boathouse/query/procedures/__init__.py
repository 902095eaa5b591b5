"""Stored procedures: where they are kept, how they are called, and the machine that runs their bodies."""
