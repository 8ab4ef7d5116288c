"""The experiments, and the records of their results in reproduction.json.

The experiments are the article's four networks and their repairs. Losses are in nats, as in Keras; shares lie in
[0, 1]; seconds are wall-clock seconds.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal

from toolkit.results.record import Record

TEMPLATES = Path(__file__).parent / "templates"
CHARACTERS = 1_500_000  # read by each experiment by default: about six minutes for all on two cores
LEAST_BUDGET = 1_000  # characters read by each experiment
LEAST_CHARACTERS = 600  # of a training text: several rows of a few windows each
ARTICLE_PASSES = 500  # over its text, at least


class Recipe(Record):
    """Everything that determines one experiment.

    At each of the ``window`` characters of a window, the network predicts the character ``shift`` places later. It is
    trained on the first ``characters`` of the training text, with ``batch`` windows per update. The state after a
    window is the start of the next one if it is ``carried``, and zero if it is not.
    """

    units: int
    window: int
    shift: int
    characters: int
    seed: int
    loss: Literal["binary cross-entropy", "categorical cross-entropy"] = "binary cross-entropy"
    carried: bool = False
    learning_rate: float = 0.001
    batch: int = 32


class Experiment(Record):
    """A recipe with the name of its file and a title for readers."""

    name: str
    title: str
    recipe: Recipe


class Scores(Record):
    """How well a network predicts a text, each character once.

    ``accuracy`` is the share of characters that the network considers likeliest.
    """

    accuracy: float
    binary_cross_entropy: float


class Moment(Record):
    """The state of training after ``characters_read``.

    ``texts`` has the beginning of three texts. ``answers`` are the likeliest characters while the network reads
    held-out text, as the article decoded. For ``likeliest`` and ``drawn``, it continues the prompt and reads its own
    output. The first takes the likeliest character each time, the second samples from the probabilities.
    """

    characters_read: int
    updates: int
    seconds: float
    held_out: Scores
    texts: dict[str, str]


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


class Result(Experiment):
    """A trained experiment.

    ``recalled`` are the likeliest answers while the network reads its training text, ``training`` their scores.
    ``counts`` has ``recalled`` and the names of a moment's texts as keys.
    """

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
    """How well the frequencies of the training text predict held-out characters, without a network.

    To answer the ``most_common`` character at every place has this ``accuracy``.
    """

    most_common: str
    accuracy: float
    binary_cross_entropy: float


class Text(Record):
    """The text of the experiments, restricted like the article's.

    Samples start from ``prompt``, which its author continued with ``beginning``.
    """

    name: str
    sha256: str
    documents: int
    characters: int
    alphabet: str
    training_characters: int
    held_out_characters: int
    targets: int
    prompt: str
    beginning: str
    counts: Counts
    chance: Chance


class Reproduction(Record):
    """The whole result; ``characters`` is how many each experiment reads."""

    command: str
    created: str
    versions: dict[str, str]
    machine: dict[str, Any]
    seed: int
    characters: int
    text: Text
    results: list[Result]

    def __getitem__(self, name: str) -> Result:
        """Return an experiment by name. Raises KeyError for an unknown name."""
        return {experiment.name: experiment for experiment in self.results}[name]


def experiments(training_characters: int, budget: int, seed: int) -> list[Experiment]:
    """List all experiments of experiments.toml in their order; each reads ``budget`` characters."""
    first = Recipe(units=100, window=50, shift=50, characters=training_characters, seed=seed)
    plan: dict[str, Experiment] = {}
    for name, changes in tomllib.loads((TEMPLATES / "experiments.toml").read_text("utf-8")).items():
        title, base = changes.pop("title"), changes.pop("base", None)
        if changes.pop("short_text", False):
            changes["characters"] = max(LEAST_CHARACTERS, min(training_characters, budget // ARTICLE_PASSES))
        if changes.pop("other_seed", False):
            changes["seed"] = seed + 1
        recipe = (plan[base].recipe if base else first).model_copy(update=changes)
        plan[name] = Experiment(name=name, title=title.format(characters=recipe.characters), recipe=recipe)
    return list(plan.values())
