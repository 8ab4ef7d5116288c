"""The experiments: the four networks, the repairs, the closing questions."""

from dataclasses import dataclass

from toolkit.article.recipe import PASSES, Between, Cell, Loss, Recipe

LEAST_CHARACTERS = 600  # of a training text: several rows of a few windows each
SHIFTS = (2, 4, 10)  # between 50, the first network's, and 1, its repair's
FRACTIONS = {"sixteenth": 16, "quarter": 4}
RATES = {"slower": 0.0003, "faster": 0.004}


@dataclass(frozen=True)
class Experiment:
    """A recipe with the name of its file and a title for readers."""

    name: str
    title: str
    recipe: Recipe


def experiments(training_characters: int, budget: int, seed: int) -> list[Experiment]:
    """All experiments, in the order of the story, on a training text of ``training_characters``.

    ``budget`` is how many characters each experiment reads. The first network is repaired step by step, each repair
    building on the last; two repairs are also tried alone, and shifts in between with the loss for which such short
    training shows what they cost. A short text is read as often as the article read its own, with that loss and at the
    faster rate. The closing questions are asked of the repaired network, one at a time.
    """
    first = Recipe(units=100, window=50, shift=50, characters=training_characters, seed=seed)
    shifted = first.model_copy(update={"shift": 1})
    categorical = shifted.model_copy(update={"loss": Loss.CATEGORICAL})
    repaired = categorical.model_copy(update={"carried": True})
    categorical_alone = first.model_copy(update={"loss": Loss.CATEGORICAL})
    piece = min(training_characters, max(LEAST_CHARACTERS, budget // PASSES))

    def change(recipe: Recipe, name: str, title: str, **changes: object) -> Experiment:
        return Experiment(name, title, recipe.model_copy(update=changes))

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
        *(change(categorical, f"shift-{shift}", f"Categorical, shift {shift}", shift=shift) for shift in SHIFTS),
        change(
            categorical_alone,
            "short-text",
            f"Fifty ahead on {piece:,} characters, over and over",
            characters=piece,
            learning_rate=RATES["faster"],
        ),
        change(repaired, "batch-normalised", "Batch normalisation between the layers", between=Between.BATCH),
        change(repaired, "layer-normalised", "Layer normalisation between the layers", between=Between.LAYER),
        change(repaired, "gru", "GRU in place of LSTM", cell=Cell.GRU),
        *(change(repaired, name, f"Learning rate {rate}", learning_rate=rate) for name, rate in RATES.items()),
        *(
            change(
                repaired, name, f"1/{part} of the text", characters=max(LEAST_CHARACTERS, training_characters // part)
            )
            for name, part in FRACTIONS.items()
        ),
        change(repaired, "other-seed", "The repaired network with another seed", seed=seed + 1),
        change(repaired, "large", "Repaired, 150 units, learning rate 0.004", units=150, learning_rate=0.004),
    ]
