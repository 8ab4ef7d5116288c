"""toolkit serve: a local page over a folder of comparisons, and a playground with their models."""
