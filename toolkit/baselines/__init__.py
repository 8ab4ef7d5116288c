"""Marks that need no network."""
