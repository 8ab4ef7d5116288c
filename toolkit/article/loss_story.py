"""What a small binary cross-entropy means, and what memorising looks like."""

import math

from toolkit.article.recipe import FIGURES, PASSES
from toolkit.article.results import Reproduction
from toolkit.article.story import right, spoken
from toolkit.results.text import count, decimals, percent

SHOWN = 5  # characters whose part of the loss is worked out in the table
BY_HEART = 0.1  # how much more of its own text than of held-out text must be right


def part_of_loss(share: float) -> float:
    """−p·ln p − (1−p)·ln(1−p): what an output that always answers the share p pays, in nats; 0 at both ends.

    >>> round(part_of_loss(0.5), 4), part_of_loss(0.0)
    (0.6931, 0.0)
    """
    return -math.fsum(p * math.log(p) for p in (share, 1 - share) if 0 < p < 1) + 0.0


def parts_of_loss(reproduction: Reproduction) -> list[tuple[str, float, float]]:
    """The most common characters with their share and what they pay, then all others together."""
    parts = [(spoken(c), p, part_of_loss(p)) for c, p in reproduction.text.frequencies.items()]
    rest = parts[SHOWN:]
    others = (f"the other {len(rest)}", math.fsum(p for _, p, _ in rest), math.fsum(part for _, _, part in rest))
    return [*parts[:SHOWN], others]


def per_hundred(reproduction: Reproduction, loss: float) -> float:
    """A mean over our outputs, converted to the article's number of outputs: the sum does not change."""
    return loss * len(reproduction.text.frequencies) / FIGURES["outputs"]


def of_frequencies(reproduction: Reproduction) -> str:
    """What the sum of the table comes to."""
    total = math.fsum(part for _, _, part in parts_of_loss(reproduction))
    outputs = len(reproduction.text.frequencies)
    return (
        f"The sum is {decimals(total)} nats for each character of text. The loss that Keras shows is the mean over all "
        f"outputs: {decimals(total)} / {outputs} = {decimals(total / outputs, 4)} here, and "
        f"{decimals(total / FIGURES['outputs'], 4)} with a hundred outputs. A number that looks "
        f"perfect is reached by knowing only how often each character occurs."
    )


def of_the_article(reproduction: Reproduction) -> str:
    """What the article's loss says."""
    theirs, repaired = FIGURES["binary_cross_entropy"], reproduction["repaired"]
    frequencies = per_hundred(reproduction, reproduction.text.chance.binary_cross_entropy)
    ours = per_hundred(reproduction, repaired.held_out.binary_cross_entropy)
    total = f"The article’s {theirs} over a hundred outputs is {decimals(theirs * FIGURES['outputs'], 2)} nats for each"
    if theirs >= frequencies:
        return f"{total} character. The frequencies alone reach {decimals(frequencies, 4)}: it had learned no more."
    below = percent(1 - theirs / frequencies, 0)
    beginning = f"{total} character: not near zero, but {below} below what the frequencies reach. "
    if theirs > ours:
        return beginning + (
            f"The repaired network, at {decimals(ours, 4)} on text that it has never seen, is lower still, and gets "
            f"{percent(right(repaired))} of the characters right."
        )
    return beginning + (
        f"Was that foresight? The repaired network has the easier question, gets {percent(right(repaired))} of the "
        f"next characters right, and reaches {decimals(ours, 4)} on text that it has never seen. Fifty characters "
        f"ahead is harder. The article mentions no held-out text, so its loss is on the text that it trained on, "
        f"hundreds of times over. What that does is shown next."
    )


def of_memory(reproduction: Reproduction) -> str:
    """The effect of hundreds of passes over a text."""
    result = reproduction["short-text"]
    training, held_out = result.training, result.held_out
    beginning = (
        f"Network 1, still asked for the character fifty places ahead and without memory from window to window, but "
        f"with the loss that teaches faster and at a learning rate of {result.recipe.learning_rate:g}, read "
        f"{count(result.recipe.characters)} characters {count(result.passes)} times over (the article: {PASSES} or "
        f"more). Fifty characters ahead, it then gets {percent(training.accuracy)} of that text right, and "
        f"{percent(held_out.accuracy)} of held-out text. "
    )
    if training.accuracy <= held_out.accuracy + BY_HEART:
        return beginning + "In so few updates it has hardly begun to learn the text by heart."
    own, other, frequencies = (
        decimals(per_hundred(reproduction, scores.binary_cross_entropy), 4)
        for scores in (training, held_out, reproduction.text.chance)
    )
    return beginning + (
        f"It has not learned to write; it has learned this text by heart. Per hundred outputs, its loss is {own} on "
        f"its own text and {other} on held-out text; the frequencies alone give {frequencies}. A falling loss, and "
        f"output that contains the right words, are what memorising looks like if nothing is held out."
    )
