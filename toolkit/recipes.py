"""Named settings, chosen by the number of training characters and by nothing else."""

from toolkit.config import CompareSettings, NetworkSettings, TrainSettings

SMALL, STANDARD = "small", "standard"
STANDARD_FROM = 1_000_000  # training characters
PASSES = {SMALL: 20, STANDARD: 8}  # over the training text, for every column alike
NETWORKS = {  # the less text, the more is dropped; chosen on the validation documents of two corpora
    SMALL: NetworkSettings(dropout=0.3, input_dropout=0.3, recurrent_dropout=0.2),
    STANDARD: NetworkSettings(dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1),
}


def recipe_name(characters: int) -> str:
    """The recipe for so many training characters."""
    return STANDARD if characters >= STANDARD_FROM else SMALL


def recipe(characters: int) -> CompareSettings:
    """The default settings for so many training characters."""
    name = recipe_name(characters)
    train = TrainSettings(batch=rows(characters))
    updates = max(1, round(PASSES[name] * characters / (train.batch * train.window_characters)))
    return CompareSettings(network=NETWORKS[name], train=train.model_copy(update={"updates": updates}))


def rows(characters: int) -> int:
    """Rows of a batch: 32, and fewer for a text so small that a row would have no ten windows.

    >>> rows(300_000), rows(5_000)
    (32, 2)
    """
    return max(2, min(32, characters // 2000 // 2 * 2))
