"""Temperature: texts at several of them, quality against diversity, and the one at which a model repeats as the author.

Below 1, text gets likelier and repeats itself more; above 1, wilder (Caccia et al. 2020 compare models by the whole
curve). A temperature per character is not one per word, so models are compared where they repeat as much as the author.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import isotonic_regression

from toolkit.evaluation.author import Author
from toolkit.evaluation.metrics.diversity import PAIRS, repetition
from toolkit.evaluation.samples import beginning, sample
from toolkit.inference.continuation import Source, generate_each
from toolkit.inference.model import Model
from toolkit.results.generated import SHOWN, AtTemperature

TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
DECIMALS = 2  # of a matched temperature


def sweep(model: Model, prompt: str, seeds: Sequence[int], author: Author, kept: int = 0) -> list[AtTemperature]:
    """What continuations of the prompt, one per seed, repeat at each temperature, and what the author's judge says.

    Of the first ``kept`` texts, the beginnings are kept.
    """
    return [point(model, prompt, seeds, author, kept, temperature) for temperature in TEMPERATURES]


def point(
    model: Model, prompt: str, seeds: Sequence[int], author: Author, kept: int, temperature: float
) -> AtTemperature:
    """The same at one temperature. Only what is kept is also spelled, which takes longer than to draw tokens."""
    seen: dict[Source, int] = {"seen": author.swept_characters}
    both: dict[Source, int] = {**seen, "spelled": min(SHOWN, author.swept_characters)}
    lengths = [(seed, both if i < kept else seen) for i, seed in enumerate(seeds)]
    written = generate_each(model, prompt, lengths, temperature)
    texts = [by_source["seen"].text for by_source in written]
    begun = [{source: beginning(filled, SHOWN) for source, filled in by_source.items()} for by_source in written[:kept]]
    return AtTemperature(
        temperature=temperature,
        repetition=repetition(texts, PAIRS),
        bits=author.judge.bits(texts),
        samples=[sample(prompt, seed, temperature, filled, author) for seed, filled in zip(seeds, begun, strict=False)],
    )


def matched(points: Sequence[AtTemperature], goal: float) -> tuple[float, bool]:
    """The temperature at which texts repeat a share ``goal`` of their word pairs, and whether there is one.

    Repetition falls with temperature, so chance is smoothed by the nearest falling curve (isotonic regression), which
    is linear between the points. Where it stays at the goal, the middle; if it never reaches it, the nearest end.

    >>> at = [AtTemperature(temperature=t, repetition=r, bits=2.0) for t, r in ((0.5, 0.3), (0.7, 0.1), (0.9, 0.0))]
    >>> matched(at, 0.2), matched(at, 0.4), matched(at, 0.05)
    ((0.6, True), (0.5, False), (0.8, True))
    """
    temperatures = np.array([at.temperature for at in points])
    falling = isotonic_regression([at.repetition for at in points], increasing=False).x
    if not falling[-1] <= goal <= falling[0]:
        return float(temperatures[0 if goal > falling[0] else -1]), False
    crossed = [
        float(np.interp(goal, falling[[i + 1, i]], temperatures[[i + 1, i]]))
        for i in range(len(falling) - 1)
        if falling[i] >= goal >= falling[i + 1] and falling[i] > falling[i + 1]
    ]
    equal = temperatures[falling == goal].tolist()
    both = [*crossed, *equal]
    return round((min(both) + max(both)) / 2, DECIMALS), True
