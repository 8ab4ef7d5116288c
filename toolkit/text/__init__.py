"""Documents, corpora, and how their text is cut into words."""
