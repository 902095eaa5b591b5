"""Whole Arrow columns to PostgreSQL's text and binary formats, and their rows laid side by side."""
