"""P(surface | class): the models that spell what a token hides."""
