"""A judge of generated text: a character n-gram counted on held-out text of the author, which no model has read."""

from collections.abc import Sequence

from toolkit.inference.ngram import NGramModel
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters


class Judge:
    """Counts the held-out documents; the order of the n-gram is the one that suits the validation documents best.

    A text pays few bits for what the author's pages have, wherever it took it from. The author pays more than a dull
    text, so bits alone do not say which is better: see them beside what a text repeats.
    """

    def __init__(self, held_out: Sequence[Document], valid: Sequence[Document]) -> None:
        tokenizer = Characters().fit(held_out)
        self._model = NGramModel.fitted(tokenizer, *([tokenizer.encode(d) for d in part] for part in (held_out, valid)))

    def bits(self, texts: Sequence[str]) -> float:
        """Bits per character of the texts; that a text ends costs nothing."""
        encodings = [self._model.tokenizer.encode(Document("text", text)) for text in texts]
        paid = sum(float(scores.by_character()[0].sum()) for scores in self._model.score(encodings))
        return paid / max(1, sum(map(len, texts)))
