"""Measures of the corpus's own words, of a column's bits, and of what a column writes."""
