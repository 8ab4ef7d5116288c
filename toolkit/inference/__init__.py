"""What a model is for: bits of a text, their proof, and text of its own; networks, n-grams, and mixtures of them."""
