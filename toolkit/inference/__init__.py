"""Models: the bits of a text, their proof, and new text, by networks, n-grams and mixtures of them."""
