"""What the reproduction measured, as data: to and from JSON, the only thing that its page reads.

Losses are in nats, as in Keras; bits are base 2; shares lie in [0, 1]; seconds are wall-clock seconds.
"""

from typing import Any

from toolkit.article.recipe import Recipe
from toolkit.results.record import Record

SAMPLE = 240  # characters kept of each text


class Scores(Record):
    """How well a network predicts a text, each character once.

    ``accuracy`` is the share of characters that it considers likeliest; ``bits_per_character`` is None if its outputs
    do not sum to one and so are not a distribution.
    """

    accuracy: float
    binary_cross_entropy: float
    bits_per_character: float | None


class Texts(Record):
    """What a network wrote, or the beginning of it.

    ``answers``: the likeliest characters while it reads held-out text, as the article decoded; ``likeliest``: it reads
    its own output, starting with the text's ``prompt``, and always writes the likeliest character; ``drawn``: it draws
    each character by its probability.
    """

    answers: str
    likeliest: str
    drawn: str


class Moment(Record):
    """The state of training after ``characters_read``: the mean loss since the last moment, and what it wrote."""

    characters_read: int
    updates: int
    seconds: float
    training_loss: float
    held_out: Scores
    texts: Texts


class Counts(Record):
    """The article's own counts of a text, and measures of whether the order of its letters is English.

    ``…_jsd`` are Jensen–Shannon divergences from the training text, in [0, 1]; ``known_words`` is the share of words
    that occur in the training text; ``capitals_within`` the share of capitals that follow a letter; ``repetition`` the
    share of four-word sequences that repeat an earlier one in the same stretch.
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
    """One experiment, fully trained.

    ``recalled`` are its likeliest answers while it reads its training text, and ``training`` their scores. ``counts``
    are of ``recalled`` and of the kinds of ``Texts``.
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
        """How well it predicts held-out text."""
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
    """How well held-out characters can be predicted without a network, from counts of the training text.

    ``by_distance``: (shift, accuracy) of answering, for each character, the one that most often stood ``shift`` after.
    """

    most_common: str
    accuracy: float
    binary_cross_entropy: float
    binary_cross_entropy_of_nothing: float
    bits_per_character: float
    by_distance: list[tuple[int, float]]


class Hapaxes(Record):
    """Words that occur once in the whole corpus, ignoring case."""

    words: int
    types: int
    once: int

    @property
    def type_share(self) -> float:
        """Of the distinct words."""
        return self.once / max(self.types, 1)

    @property
    def word_share(self) -> float:
        """Of the running text."""
        return self.once / max(self.words, 1)


class Text(Record):
    """The text used for the experiments, restricted like the article's.

    ``frequencies`` are the shares of the alphabet's characters in the training text, most common first; ``prompt`` and
    ``beginning`` are the held-out text that samples start from, and how its author continued.
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
    """Everything that the page shows."""

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
        """The experiment with a name. Raises KeyError if there is none."""
        return {result.name: result for result in self.results}[name]
