"""Settles, for a text corpus, whether to model it by characters, by words or by something between."""

__version__ = "0.1.0"
