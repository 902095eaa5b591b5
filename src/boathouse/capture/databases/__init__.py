"""Databases made from integrations: names over the tables that they land, and nothing of their own."""
