"""How a network of the article's is made and trained: what it says, and what it leaves open and is chosen here."""

from enum import StrEnum

from pydantic import ConfigDict

from toolkit.results import Record


class Loss(StrEnum):
    """What training makes small."""

    BINARY = "binary cross-entropy"
    CATEGORICAL = "categorical cross-entropy"


class Cell(StrEnum):
    """What a recurrent layer is made of."""

    LSTM = "LSTM"
    GRU = "GRU"


class Between(StrEnum):
    """What stands between the two recurrent layers."""

    NOTHING = "nothing"
    BATCH = "batch normalisation"
    LAYER = "layer normalisation"


class Recipe(Record):
    """All that decides one experiment.

    From a window of ``window`` characters the network answers, at each of them, which character comes ``shift`` later.
    ``characters`` of the training text are used, from its beginning. Where the state is not ``carried``, each window
    begins knowing nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: int
    window: int
    shift: int
    characters: int
    seed: int
    loss: Loss = Loss.BINARY
    carried: bool = False
    cell: Cell = Cell.LSTM
    between: Between = Between.NOTHING
    learning_rate: float = 0.001
    batch: int = 32


SAID = (  # what the article says, and how it was taken
    ("the text in letters, digits and a few marks, one-hot", "letters, digits, the marks . , ; : ! ? ' \" ( ) - "
     "and single spaces; everything else is a space"),
    ("two LSTM layers of 100, 125 and 150 units", "100 units for the first network, 125 for the second, 150 for the "
     "third"),
    ("predict the next M characters from the previous N: 50→50, 30→30, 50→50, 10→10", "at each of the N characters of "
     "a window the network answers which character comes M later, so that its N answers are the next N characters"),
    ("a time-distributed dense layer, binary cross-entropy", "one output between 0 and 1 for each character of the "
     "alphabet, at each step"),
    ("windows without memory of each other", "the state is zero at the beginning of each window"),
    ("text decoded from windows of the corpus", "the likeliest character of each answer, while the network reads "
     "held-out text"),
)  # fmt: skip

CHOSEN = (  # what the article leaves open, and the reason of what was chosen
    ("units of the fourth network", "150", "the largest that the article tried"),
    ("activation", "sigmoid at the outputs, tanh inside", "binary cross-entropy asks for outputs between 0 and 1; "
     "tanh is what Keras gives an LSTM"),
    ("optimizer and learning rate", "Adam, 0.001", "the usual one, at the rate that Keras gives it where nothing is "
     "said; two other rates are tried below"),
    ("batch", "32 windows", "what Keras takes where nothing is said"),
    ("stride", "windows follow each other without overlap, beginning elsewhere in each pass", "each character is read "
     "once a pass"),
    ("split", "whole tales are held out", "the article names none; without one, memory cannot be told from "
     "understanding"),
    ("dropout", "none", "the article names none"),
    ("length of training", "the same number of characters for every network", "the article's 500 to 850 passes take "
     "longer than minutes; what so many do is shown on a short text"),
)  # fmt: skip

FIGURES = {  # the article's own, as its report of its results has them
    "binary_cross_entropy": 0.0244,  # the first network's, at the end of training
    "the_per_10k": 740.0,  # of 10,000 words of the second network's output
    "ing_per_10k": 115.0,
    "tion_per_10k": 37.0,
    "prepositions_pronouns_share": 0.1,  # "about 10 %" of the third network's words
    "hapax_share": 0.1,  # "about 10 % of the words appear only once"
    "outputs": 100.0,  # about as many characters in its alphabet
}
PASSES = 500  # over its text: the article's, at least
CHARACTERS = 1_500_000  # that each experiment reads by default: all of them take some ten minutes on two cores
LEAST_BUDGET = 1_000
