"""What an event is, and its probability: the vocabulary that tokenizers, networks and spellers share."""
