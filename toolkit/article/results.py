"""What the reproduction measured, as data: to and from JSON, the only thing that its page reads.

Losses are in nats, as Keras has them; bits are base 2; shares lie in [0, 1]; seconds are wall-clock seconds.
"""

from typing import Any

from toolkit.article.recipe import Recipe
from toolkit.results import Record

SAMPLE = 240  # characters of each text that are kept


class Scores(Record):
    """How a network foretells a text, each character of it once.

    ``accuracy`` is the share of characters that it holds likeliest; ``bits_per_character`` is None where its outputs
    do not sum to one and are no distribution.
    """

    accuracy: float
    binary_cross_entropy: float
    bits_per_character: float | None


class Texts(Record):
    """What a network wrote, or the beginning of it.

    ``answers``: the likeliest characters while it reads held-out text, as the article decoded; ``likeliest``: it reads
    what it has itself written, beginning with the text's ``prompt``, and always writes the likeliest character;
    ``drawn``: it draws each character by its probability.
    """

    answers: str
    likeliest: str
    drawn: str


class Moment(Record):
    """Where training stood after so many characters: the mean loss since the moment before, and what was written."""

    characters_read: int
    updates: int
    seconds: float
    training_loss: float
    held_out: Scores
    texts: Texts


class Counts(Record):
    """The article's own counts of a text, and what tells whether the order of its letters is English.

    ``…_jsd`` are Jensen–Shannon divergences to the training text, in [0, 1]; ``known_words`` is the share of words that
    stand in the training text; ``capitals_within`` the share of capitals that follow a letter; ``repetition`` the share
    of four-word sequences that repeat an earlier one of the same stretch.
    """

    characters: int
    words: int
    the_per_10k: float
    ing_per_10k: float
    tion_per_10k: float
    prepositions_pronouns_share: float
    word_length: float
    spaces_share: float
    capitals_within: float
    known_words: float
    letters_jsd: float
    letter_pairs_jsd: float
    word_lengths_jsd: float
    repetition: float


class Result(Record):
    """One experiment, trained to its end.

    ``recalled`` are its likeliest answers while it reads the text that it was trained on, and ``training`` their
    scores. ``counts`` are of ``recalled`` and of the kinds of ``Texts``.
    """

    name: str
    title: str
    recipe: Recipe
    parameters: int
    training: Scores
    recalled: str
    moments: list[Moment]
    counts: dict[str, Counts]

    @property
    def held_out(self) -> Scores:
        """How it foretells held-out text."""
        return self.moments[-1].held_out

    @property
    def seconds(self) -> float:
        """Seconds of training."""
        return self.moments[-1].seconds

    @property
    def characters_read(self) -> int:
        """Characters of training text read."""
        return self.moments[-1].characters_read

    @property
    def passes(self) -> float:
        """How often the training text was read."""
        return self.characters_read / self.recipe.characters

    @property
    def texts(self) -> Texts:
        """What the trained network wrote."""
        return self.moments[-1].texts


class Chance(Record):
    """What can be known of held-out characters without a network, from counts of the training text.

    ``by_distance``: (shift, accuracy) of answering, for each character, the one that most often stood so far behind it.
    """

    most_common: str
    accuracy: float
    binary_cross_entropy: float
    binary_cross_entropy_of_nothing: float
    bits_per_character: float
    by_distance: list[tuple[int, float]]


class Hapaxes(Record):
    """Words that occur once, in the whole corpus; capital and small letters are the same."""

    words: int
    types: int
    once: int

    @property
    def type_share(self) -> float:
        """Of the different words."""
        return self.once / max(self.types, 1)

    @property
    def word_share(self) -> float:
        """Of the running text."""
        return self.once / max(self.words, 1)


class Text(Record):
    """The text that the experiments were made on, restricted as the article's was.

    ``frequencies`` are the shares of the alphabet's characters in the training text, the most common first; ``prompt``
    and ``beginning`` are held-out text that samples begin with, and how its author went on.
    """

    name: str
    sha256: str
    documents: int
    characters: int
    frequencies: dict[str, float]
    training_characters: int
    held_out_characters: int
    targets: int
    prompt: str
    beginning: str
    notes: list[str]
    counts: Counts
    hapaxes: Hapaxes
    chance: Chance


class Reproduction(Record):
    """Everything: what the page shows."""

    command: str
    created: str
    versions: dict[str, str]
    machine: dict[str, Any]
    seed: int
    split_seed: int
    characters: int
    text: Text
    results: list[Result]

    def __getitem__(self, name: str) -> Result:
        """The experiment of a name. Raises KeyError where there is none."""
        return {result.name: result for result in self.results}[name]
