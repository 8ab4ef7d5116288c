"""What generated text is held against: the training text, its counts made once."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from toolkit.metrics import distributions, neutral, realness


@dataclass(frozen=True)
class Reference:
    """The training text and its language; what measures need of them is computed once, when first asked for."""

    training: str
    language: str = "en"

    @cached_property
    def letters(self) -> Counter[str]:
        """Counts of the training text's letters."""
        return distributions.letters([self.training])

    @cached_property
    def word_lengths(self) -> Counter[int]:
        """Counts of the lengths of the training text's neutral words."""
        return distributions.word_lengths([self.training])

    @cached_property
    def real_words(self) -> frozenset[str]:
        """The words of training and of the language that count as real, folded."""
        vocabulary = {realness.folded(match[0]) for match in neutral.WORD_PATTERN.finditer(self.training)}
        return frozenset(vocabulary | realness.words_of_language(self.language))
