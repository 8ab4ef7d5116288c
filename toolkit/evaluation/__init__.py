"""Runs and a corpus to numbers: what is paid, covered and written, and how sure a difference is."""
