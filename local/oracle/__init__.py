"""Brute force: every number once more, in plain Python, written from the definitions and never from the SQL."""
