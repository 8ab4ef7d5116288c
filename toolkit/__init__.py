"""Find out whether to model a text corpus by characters, by words or by something in between."""

__version__ = "0.1.0"
