"""A network writes on its own: it reads its own output."""

from collections.abc import Callable

import numpy as np

from toolkit.article.alphabet import Ids
from toolkit.article.reading import Floats, Reader

Choose = Callable[[Floats], Ids]


def likeliest(probabilities: Floats) -> Ids:
    """The likeliest place in each row (B,) of (B, V): argmax, as the article decoded.

    >>> likeliest(np.array([[0.2, 0.5, 0.3]])).tolist()
    [1]
    """
    ids: Ids = probabilities.argmax(-1).astype(np.int32)
    return ids


def drawn(seed: int) -> Choose:
    """Places drawn by their probabilities, from the seed; outputs that do not sum to one are normalised.

    >>> drawn(0)(np.array([[0.0, 2.0, 0.0]])).tolist()
    [1]
    """
    rng = np.random.default_rng([seed, 0xD4])

    def choose(probabilities: Floats) -> Ids:
        cumulative = probabilities.astype(np.float64).cumsum(-1)  # (B, V)
        points = rng.random((len(cumulative), 1)) * cumulative[:, -1:]
        ids: Ids = (cumulative <= points).sum(-1).clip(max=cumulative.shape[1] - 1).astype(np.int32)
        return ids

    return choose


def write(reader: Reader, prompts: Ids, characters: int, choose: Choose) -> Ids:
    """``characters`` more after each prompt, (rows, characters), for prompts (rows, P) at least a window long.

    The last window of the prompt is read first. The answer at one place is for the place ``shift`` later; a recipe
    without carried state forgets at the end of each window, as in training.
    """
    recipe = reader.model.recipe
    rows, known = prompts.shape
    text = np.concatenate([prompts, np.zeros((rows, characters), np.int32)], 1)  # (rows, P + characters)
    states = reader.model.initial(rows)
    for place in range(known - recipe.window, known + characters - recipe.shift):
        if not recipe.carried and (place - known) % recipe.window == 0:
            states = reader.model.initial(rows)
        probabilities, states = reader.step(text[:, place], states)
        if place + recipe.shift >= known:
            text[:, place + recipe.shift] = choose(probabilities)
    return text[:, known:]
