"""The experiments: the article's four networks, their repairs and its closing questions."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from toolkit.results.record import Record

CHARACTERS = 1_500_000  # read by each experiment by default: about ten minutes for all on two cores
LEAST_BUDGET = 1_000  # characters read by each experiment
LEAST_CHARACTERS = 600  # of a training text: several rows of a few windows each
ARTICLE_PASSES = 500  # over its text, at least


Loss = Literal["binary cross-entropy", "categorical cross-entropy"]
Cell = Literal["LSTM", "GRU"]
Between = Literal["nothing", "batch normalisation", "layer normalisation"]


class Recipe(Record):
    """Everything that determines one experiment.

    At each of the ``window`` characters of a window, the network predicts the character ``shift`` places later. It is
    trained on the first ``characters`` of the training text, with ``batch`` windows per update. The state after a
    window is the start of the next one if it is ``carried``, and zero if it is not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: int
    window: int
    shift: int
    characters: int
    seed: int
    loss: Loss = "binary cross-entropy"
    carried: bool = False
    cell: Cell = "LSTM"
    between: Between = "nothing"
    learning_rate: float = 0.001
    batch: int = 32


@dataclass(frozen=True)
class Experiment:
    """A recipe with the name of its file and a title for readers."""

    name: str
    title: str
    recipe: Recipe


def experiments(training_characters: int, budget: int, seed: int) -> list[Experiment]:
    """List all experiments in the order of the story; each reads ``budget`` characters.

    Network 1 is repaired step by step: shift 1, categorical loss, carried state. Two repairs are also tried alone, and
    the categorical loss at shifts between 1 and 50. A short text is read as often as the article read its own. Each
    closing question changes one thing in the repaired network.
    """
    first = Recipe(units=100, window=50, shift=50, characters=training_characters, seed=seed)
    shifted = first.model_copy(update={"shift": 1})
    categorical = shifted.model_copy(update={"loss": "categorical cross-entropy"})
    repaired = categorical.model_copy(update={"carried": True})
    categorical_alone = first.model_copy(update={"loss": "categorical cross-entropy"})
    piece = min(training_characters, max(LEAST_CHARACTERS, budget // ARTICLE_PASSES))
    quarter, sixteenth = (max(LEAST_CHARACTERS, training_characters // part) for part in (4, 16))

    def change(recipe: Recipe, name: str, title: str, **changes: object) -> Experiment:
        return Experiment(name, title, recipe.model_copy(update=changes))

    short = f"Fifty ahead on {piece:,} characters, over and over"
    return [
        Experiment("network-1", "Network 1: 100 units, 50 → 50", first),
        change(first, "network-2", "Network 2: 125 units, 30 → 30", units=125, window=30, shift=30),
        change(first, "network-3", "Network 3: 150 units, 50 → 50", units=150),
        change(first, "network-4", "Network 4: 150 units, 10 → 10", units=150, window=10, shift=10),
        Experiment("shift-1", "Shift 1", shifted),
        Experiment("categorical", "Categorical cross-entropy", categorical),
        Experiment("repaired", "State carried", repaired),
        Experiment("categorical-alone", "Categorical cross-entropy, still 50 ahead", categorical_alone),
        change(first, "carried-alone", "State carried, still 50 ahead", carried=True),
        *(change(categorical, f"shift-{shift}", f"Categorical, shift {shift}", shift=shift) for shift in (2, 4, 10)),
        change(categorical_alone, "short-text", short, characters=piece, learning_rate=0.004),
        change(repaired, "batch-normalised", "Batch normalisation between the layers", between="batch normalisation"),
        change(repaired, "layer-normalised", "Layer normalisation between the layers", between="layer normalisation"),
        change(repaired, "gru", "GRU in place of LSTM", cell="GRU"),
        change(repaired, "slower", "Learning rate 0.0003", learning_rate=0.0003),
        change(repaired, "faster", "Learning rate 0.004", learning_rate=0.004),
        change(repaired, "sixteenth", "1/16 of the text", characters=sixteenth),
        change(repaired, "quarter", "1/4 of the text", characters=quarter),
        change(repaired, "other-seed", "The repaired network with another seed", seed=seed + 1),
        change(repaired, "large", "Repaired, 150 units, learning rate 0.004", units=150, learning_rate=0.004),
    ]
