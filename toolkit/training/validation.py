"""What guides training: complete bits per character of the validation documents."""

from collections.abc import Sequence

from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.events.stepping import spelling_bits
from toolkit.inference.scoring import score_network
from toolkit.network.network import RecurrentNetwork


class Validation:
    """Complete bits per character of encoded validation documents, the same ones for every tokenizer."""

    def __init__(self, tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> None:
        self.tokenizer = tokenizer
        self.encodings = encodings
        self.characters = sum(encoding.characters for encoding in encodings)
        self.other_bits = sum(other_bits(tokenizer, encoding) for encoding in encodings)

    def bits_per_character(self, network: RecurrentNetwork) -> float:
        """All bits, the network's and others, divided by the characters."""
        network_bits = sum(
            float(events.bits.sum()) for events in score_network(network, self.tokenizer.vocabulary, self.encodings)
        )
        return (network_bits + self.other_bits) / self.characters


def other_bits(tokenizer: Tokenizer, encoding: Encoding) -> float:
    """The bits of a document that training the network does not change."""
    outside = tokenizer.vocabulary.reserve.outside_bits(encoding.ids)
    return float(spelling_bits(tokenizer, encoding).sum() + outside.sum())


def other_rate(tokenizer: Tokenizer, encodings: Sequence[Encoding], characters: int) -> float:
    """``other_bits`` per character of the first documents that together have this many characters."""
    bits, read = 0.0, 0
    for encoding in encodings:
        bits += other_bits(tokenizer, encoding)
        read += encoding.characters
        if read >= characters:
            break
    return bits / read
