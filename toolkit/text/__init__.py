"""Documents, corpora, and how their text is split into words."""
