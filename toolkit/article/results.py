"""The records of reproduction.json; the page is rendered from them.

Losses are in nats, as in Keras; bits are base 2; shares lie in [0, 1]; seconds are wall-clock seconds.
"""

from typing import Any

from toolkit.article.experiments import Recipe
from toolkit.results.record import Record


class Scores(Record):
    """How well a network predicts a text, each character once.

    ``accuracy`` is the share of characters that the network considers likeliest. ``bits_per_character`` is None if the
    outputs are not a distribution.
    """

    accuracy: float
    binary_cross_entropy: float
    bits_per_character: float | None


class Texts(Record):
    """The beginning of three texts by a network.

    ``answers`` are the likeliest characters while the network reads held-out text, as the article decoded. For
    ``likeliest`` and ``drawn``, it continues the prompt and reads its own output. The first takes the likeliest
    character each time, the second samples from the probabilities.
    """

    answers: str
    likeliest: str
    drawn: str


class Moment(Record):
    """The state of training after ``characters_read``; ``training_loss`` is the mean since the last moment."""

    characters_read: int
    updates: int
    seconds: float
    training_loss: float
    held_out: Scores
    texts: Texts


class Counts(Record):
    """The article's counts of a text, and measures of whether the order of its letters is English.

    ``…_jsd`` are Jensen–Shannon divergences from the training text. ``capitals_within`` is the share of capitals that
    follow a letter. ``known_words`` is the share of words that occur in the training text. ``repetition`` is the share
    of four-word sequences that repeat an earlier one in the same stretch.
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
    """One trained experiment.

    ``recalled`` are the likeliest answers while the network reads its training text, ``training`` their scores.
    ``counts`` has ``recalled`` and the kinds of ``Texts`` as keys.
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
    def accuracy(self) -> float:
        """The share of held-out characters that the trained network gets right."""
        return self.moments[-1].held_out.accuracy

    @property
    def passes(self) -> float:
        """How often the network read its training text."""
        return self.moments[-1].characters_read / self.recipe.characters


class Chance(Record):
    """How well counts of the training text predict held-out characters, without a network.

    ``by_distance`` lists (shift, accuracy) of the character that most often follows ``shift`` places later.
    """

    most_common: str
    accuracy: float
    binary_cross_entropy: float
    binary_cross_entropy_of_nothing: float
    bits_per_character: float
    by_distance: list[tuple[int, float]]


class Hapaxes(Record):
    """The corpus's words, distinct words, and words that occur once, ignoring case."""

    words: int
    types: int
    once: int


class Text(Record):
    """The text of the experiments, restricted like the article's.

    ``frequencies`` are the shares of the alphabet's characters in the training text, most common first. Samples start
    from ``prompt``, which its author continued with ``beginning``.
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
    """The whole result; ``characters`` is how many each experiment reads."""

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
        """Return an experiment by name. Raises KeyError for an unknown name."""
        return {result.name: result for result in self.results}[name]
