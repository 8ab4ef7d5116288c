"""Events, their probabilities, and how a coder steps through them: what tokenizers, networks and spellers share."""
