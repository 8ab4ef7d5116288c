"""How the article's networks are built and trained: what it says, and what it leaves open and is chosen here."""

from enum import StrEnum

from pydantic import ConfigDict

from toolkit.results.record import Record


class Loss(StrEnum):
    """What training minimises."""

    BINARY = "binary cross-entropy"
    CATEGORICAL = "categorical cross-entropy"


class Cell(StrEnum):
    """The kind of recurrent layer."""

    LSTM = "LSTM"
    GRU = "GRU"


class Between(StrEnum):
    """What lies between the two recurrent layers."""

    NOTHING = "nothing"
    BATCH = "batch normalisation"
    LAYER = "layer normalisation"


class Recipe(Record):
    """Everything that determines one experiment.

    At each of the ``window`` characters of a window, the network answers which character comes ``shift`` later. The
    first ``characters`` of the training text are used. Unless the state is ``carried``, each window starts without any
    knowledge of the last.
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


SAID = (  # what the article says, and how it was interpreted
    ("the text in letters, digits and a few marks, one-hot", "letters, digits, the marks . , ; : ! ? ' \" ( ) - "
     "and single spaces; everything else becomes a space"),
    ("two LSTM layers of 100, 125 and 150 units", "100 units for the first network, 125 for the second, 150 for the "
     "third"),
    ("predict the next M characters from the previous N: 50→50, 30→30, 50→50, 10→10", "at each of the N characters of "
     "a window the network answers which character comes M later, so its N answers are the next N characters"),
    ("a time-distributed dense layer, binary cross-entropy", "one output between 0 and 1 for each character of the "
     "alphabet, at each step"),
    ("windows without memory of each other", "the state is zero at the start of each window"),
    ("text decoded from windows of the corpus", "the likeliest character of each answer, while the network reads "
     "held-out text"),
)  # fmt: skip

CHOSEN = (  # what the article leaves open, what was chosen, and why
    ("units of the fourth network", "150", "the largest size that the article tried"),
    ("activation", "sigmoid at the outputs, tanh inside", "binary cross-entropy needs outputs between 0 and 1; "
     "tanh is the default of Keras’ LSTM"),
    ("optimizer and learning rate", "Adam, 0.001", "the usual one, at Keras’ default rate; "
     "two other rates are tried below"),
    ("batch", "32 windows", "the default of Keras"),
    ("stride", "windows follow each other without overlap, starting at a different place in each pass", "each "
     "character is read once per pass"),
    ("split", "whole tales are held out", "the article mentions none; without one, memory cannot be distinguished "
     "from understanding"),
    ("dropout", "none", "the article mentions none"),
    ("outputs of its network, where losses are compared", "100", "it does not say how many characters it has; "
     "letters, digits and marks come to about as many"),
    ("length of training", "the same number of characters for every network", "the article's 500 to 850 passes take "
     "longer than minutes; the effect of so many is shown on a short text"),
)  # fmt: skip

FIGURES = {  # the article's own, as it reports them
    "binary_cross_entropy": 0.0244,  # of the first network, at the end of training
    "the_per_10k": 740.0,  # of 10,000 words of the second network's output
    "ing_per_10k": 115.0,
    "tion_per_10k": 37.0,
    "prepositions_pronouns_share": 0.1,  # "about 10 %" of the third network's words
    "hapax_share": 0.1,  # "about 10 % of the words appear only once"
    "outputs": 100.0,  # about as many as its alphabet has characters
}
PASSES = 500  # over its text, that the article made at least
CHARACTERS = 1_500_000  # that each experiment reads by default; together they take about ten minutes on two cores
LEAST_BUDGET = 1_000
