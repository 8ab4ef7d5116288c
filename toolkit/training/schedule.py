"""The learning rate in the course of training."""

import math

from toolkit.config import TrainSettings


def rate_at(share: float, epochs: float, settings: TrainSettings) -> float:
    """The learning rate after a share of training and a number of passes (``epochs``): a linear rise, then a fall.

    The fall is half a cosine down to 1 % of the peak. If the settings hold the rate (``train.held``), it stays constant
    for some passes and is then divided before each further one (Zaremba, Sutskever & Vinyals 2014).

    >>> rate_at(0.5, 1.0, TrainSettings(learning_rate=1.0, warmup=0.0))
    0.505
    """
    if share < settings.warmup:
        return settings.learning_rate * max(share / settings.warmup, 0.01)
    if settings.held is not None:
        divisions = max(0, math.floor(epochs) + 1 - settings.held.epochs)
        return settings.learning_rate / settings.held.divided_by**divisions
    fallen = (min(share, 1.0) - settings.warmup) / (1 - settings.warmup)
    return settings.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * fallen)) / 2)
