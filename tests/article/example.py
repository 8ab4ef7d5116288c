"""A reproduction with invented numbers."""

from toolkit.article.experiments import Experiment, experiments
from toolkit.article.results import Chance, Counts, Hapaxes, Moment, Reproduction, Result, Scores, Text, Texts

USUAL = 0.181  # the accuracy of an experiment that is not listed
ACCURACIES = {
    "shift-1": 0.41, "categorical": 0.42, "repaired": 0.46, "other-seed": 0.462, "shift-4": 0.22, "short-text": 0.12,
    "batch-normalised": 0.465, "layer-normalised": 0.49, "gru": 0.44, "faster": 0.52, "large": 0.55,
}  # fmt: skip
TEXTS = Texts(answers="e" + " " * 60, likeliest="the sea of the sea of the sea", drawn="He ploud & <br> the waller")
COUNTS = Counts(**dict.fromkeys(Counts.model_fields, 0.25) | {"characters": 57_600, "words": 10_000})
BLANK = COUNTS.model_copy(update={"words": 0})
TEXT = Text(
    name="tales", sha256="9f2c", documents=45, characters=441_722, training_characters=310_000,
    frequencies={" ": 0.25, **dict.fromkeys("etaonihsrdlu", 0.0625)}, held_out_characters=88_000, targets=57_600,
    prompt="The keeper of the lamp was away in the town, and s", beginning="o he was not at home for the nights. " * 4,
    notes=[], counts=COUNTS, hapaxes=Hapaxes(words=80_000, types=8_000, once=4_000),
    chance=Chance(
        most_common=" ", accuracy=0.18, binary_cross_entropy=0.19, binary_cross_entropy_of_nothing=0.25,
        bits_per_character=4.2, by_distance=[(shift, 0.2 + 0.1 / shift) for shift in range(1, 51)],
    ),
)  # fmt: skip


def result(experiment: Experiment, accuracy: float = USUAL) -> Result:
    """Return an experiment's result; its accuracy on the training text is one half."""
    scores = Scores(accuracy=accuracy, binary_cross_entropy=0.15, bits_per_character=2.5)
    moment = Moment(characters_read=1_500_000, updates=940, seconds=25, training_loss=0.1, held_out=scores, texts=TEXTS)
    return Result(
        name=experiment.name, title=experiment.title, recipe=experiment.recipe, parameters=151_200, moments=[moment],
        training=scores.model_copy(update={"accuracy": 0.5}), recalled="the lamp was lit",
        counts={"answers": BLANK, "likeliest": BLANK, "drawn": COUNTS, "recalled": COUNTS},
    )  # fmt: skip


def reproduction(accuracies: dict[str, float] | None = None, **changes: object) -> Reproduction:
    """Return all experiments; ``accuracies`` replace the usual ones, ``changes`` fields of the text."""
    values = ACCURACIES | (accuracies or {})
    return Reproduction(
        command="toolkit reproduce article", created="2026-11-25T10:00:00+00:00", versions={"python": "3.12"},
        machine={"cores": 2}, seed=0, split_seed=0, characters=1_500_000, text=TEXT.model_copy(update=changes),
        results=[result(plan, values.get(plan.name, USUAL)) for plan in experiments(310_000, 1_500_000, 0)],
    )  # fmt: skip
