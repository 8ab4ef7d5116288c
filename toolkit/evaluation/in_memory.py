"""What evaluation reads into memory: all documents, or an excerpt of those of training that do not fit.

Samples are searched for copies of training and compared with its letters, words and sentences; n-grams are counted on
it. All of this takes many times the memory of the text.
"""

from dataclasses import replace

from toolkit.text.corpus import Split
from toolkit.text.excerpt import fitting, fitting_places

READ = 4_000_000  # characters of an excerpt


def in_memory(split: Split) -> Split:
    """The split with the documents that are read."""
    train, valid, test = (fitting(part, READ) for part in (split.train, split.valid, split.test))
    return replace(split, train=train, valid=valid, test=test)


def read_places(split: Split) -> range:
    """The places of the training documents that are read."""
    return fitting_places(split.train, READ)
