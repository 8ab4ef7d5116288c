"""A reproduction as the command would make it, from invented numbers."""

from toolkit.article.experiments import Experiment, experiments
from toolkit.article.results import Chance, Counts, Hapaxes, Moment, Reproduction, Result, Scores, Text, Texts

ACCURACIES = {
    "network-1": 0.181, "network-2": 0.18, "network-3": 0.18, "network-4": 0.182, "shift-1": 0.41, "categorical": 0.42,
    "repaired": 0.46, "categorical-alone": 0.18, "carried-alone": 0.181, "shift-2": 0.29, "shift-4": 0.22,
    "shift-10": 0.183, "short-text": 0.12, "batch-normalised": 0.47, "layer-normalised": 0.49, "gru": 0.45,
    "slower": 0.31, "faster": 0.52, "quarter": 0.44, "sixteenth": 0.38, "other-seed": 0.462, "large": 0.55,
}  # fmt: skip
FREQUENCIES = {" ": 0.18, "e": 0.1, "t": 0.08, "a": 0.07, "o": 0.06, "n": 0.06, **dict.fromkeys("hbcdgirsz", 0.05)}
TEXT = Texts(answers="e" + " " * 60, likeliest="the sea of the sea of the sea", drawn="He ploud & <br> the waller")


def counts(**changes: float) -> Counts:
    """Counts of a text that is much like the author's, but for the changes."""
    return Counts(
        **{
            "characters": 57_600, "words": 10_000, "the_per_10k": 690.0, "ing_per_10k": 250.0, "tion_per_10k": 60.0,
            "prepositions_pronouns_share": 0.23, "word_length": 4.4, "spaces_share": 0.18, "capitals_within": 0.0,
            "known_words": 0.96, "letters_jsd": 0.0004, "letter_pairs_jsd": 0.002, "word_lengths_jsd": 0.001,
            "repetition": 0.002, **changes,
        }
    )  # fmt: skip


SOUP = counts(the_per_10k=3.0, ing_per_10k=9.0, tion_per_10k=0.0, known_words=0.3, letter_pairs_jsd=0.12)
BLANK = counts(words=0, the_per_10k=0.0, ing_per_10k=0.0, tion_per_10k=0.0, spaces_share=0.99)
LOOP = counts(repetition=0.8)
NEAR = counts(known_words=0.72)


def result(experiment: Experiment, accuracy: float) -> Result:
    """An experiment that ended with an accuracy."""
    ahead = experiment.recipe.shift > 10
    bits = None if experiment.recipe.loss == "binary cross-entropy" else 4.5 - 4 * accuracy
    scores = Scores(accuracy=accuracy, binary_cross_entropy=0.2 - 0.2 * accuracy, bits_per_character=bits)
    moments = [
        Moment(
            characters_read=round(1_500_000 * share), updates=round(940 * share), seconds=25 * share, training_loss=0.1,
            held_out=scores.model_copy(update={"accuracy": accuracy * share}), texts=TEXT,
        )
        for share in (1 / 64, 1 / 8, 1 / 2, 1)
    ]  # fmt: skip
    by_heart = experiment.name == "short-text"
    return Result(
        name=experiment.name,
        title=experiment.title,
        recipe=experiment.recipe,
        parameters=151_200,
        training=scores.model_copy(update={"accuracy": 0.93, "binary_cross_entropy": 0.02}) if by_heart else scores,
        recalled="the lamp was lit",
        moments=moments,
        counts={
            "answers": BLANK if ahead else NEAR,
            "likeliest": BLANK if ahead else LOOP,
            "drawn": SOUP if ahead else NEAR,
            "recalled": counts() if by_heart else BLANK,
        },
    )


def reproduction(accuracies: dict[str, float] | None = None, **changes: object) -> Reproduction:
    """All experiments, with some accuracies other than the usual ones; ``changes`` are of the text."""
    wanted = experiments(310_000, 1_500_000, 0)
    known = {**ACCURACIES, **(accuracies or {})}
    text = Text(
        name="tales", sha256="9f2c", documents=45, characters=441_722, frequencies=FREQUENCIES,
        training_characters=310_000, held_out_characters=88_000, targets=57_600, prompt="The keeper of the lamp ",
        beginning="was not at home.", notes=[], counts=counts(),
        hapaxes=Hapaxes(words=80_000, types=8_000, once=4_000),
        chance=Chance(
            most_common=" ", accuracy=0.18, binary_cross_entropy=0.19, binary_cross_entropy_of_nothing=0.25,
            bits_per_character=4.2, by_distance=[(shift, 0.27 if shift == 1 else 0.18) for shift in range(1, 51)],
        ),
    )  # fmt: skip
    return Reproduction(
        command="toolkit reproduce article", created="2026-11-25T10:00:00+00:00", versions={"python": "3.12"},
        machine={"cores": 2}, seed=0, split_seed=0, characters=1_500_000,
        text=text.model_copy(update=changes), results=[result(e, known[e.name]) for e in wanted],
    )  # fmt: skip
