"""What a small binary cross-entropy is worth, and what remembering looks like."""

import math

from toolkit.article.recipe import FIGURES, PASSES
from toolkit.article.results import Reproduction
from toolkit.article.story import right, spoken
from toolkit.report.numbers import count, decimals, percent

SHOWN = 5  # characters whose part of the loss is worked out by hand
BY_HEART = 0.1  # more of its own text right than of held-out text


def part_of_loss(share: float) -> float:
    """−p·ln p − (1−p)·ln(1−p): what one output pays, in nats, that always answers the share p. 0 at both ends.

    >>> round(part_of_loss(0.5), 4), part_of_loss(0.0)
    (0.6931, 0.0)
    """
    return -math.fsum(p * math.log(p) for p in (share, 1 - share) if 0 < p < 1) + 0.0


def parts_of_loss(found: Reproduction) -> list[tuple[str, float, float]]:
    """The most common characters with their share and the part that they pay, then all others together."""
    parts = [(spoken(c), p, part_of_loss(p)) for c, p in found.text.frequencies.items()]
    rest = parts[SHOWN:]
    others = (f"the other {len(rest)}", math.fsum(p for _, p, _ in rest), math.fsum(part for _, _, part in rest))
    return [*parts[:SHOWN], others]


def per_hundred(found: Reproduction, loss: float) -> float:
    """A mean over our outputs as it would be over as many as the article has: what is summed does not change."""
    return loss * len(found.text.frequencies) / FIGURES["outputs"]


def of_frequencies(found: Reproduction) -> str:
    """What the hand-worked sum comes to."""
    total = math.fsum(part for _, _, part in parts_of_loss(found))
    outputs = len(found.text.frequencies)
    return (
        f"The sum is {decimals(total)} nats for each character of text. The loss that Keras shows is the mean over all "
        f"outputs: {decimals(total)} / {outputs} = {decimals(total / outputs, 4)} here, and "
        f"{decimals(total / FIGURES['outputs'], 4)} with a hundred outputs. A number that looks like perfection is "
        f"reached by knowing nothing but how often each character comes."
    )


def of_the_article(found: Reproduction) -> str:
    """What the article's loss says."""
    theirs, repaired = FIGURES["binary_cross_entropy"], found["repaired"]
    frequencies = per_hundred(found, found.text.chance.binary_cross_entropy)
    ours = per_hundred(found, repaired.held_out.binary_cross_entropy)
    total = f"The article’s {theirs} over a hundred outputs is {decimals(theirs * FIGURES['outputs'], 2)} nats for each"
    if theirs >= frequencies:
        return f"{total} character. The frequencies alone reach {decimals(frequencies, 4)}: it had learned no more."
    said = f"{total} character: not near zero, but {percent(1 - theirs / frequencies, 0)} below the frequencies’. "
    if theirs > ours:
        return said + (
            f"The repaired network, at {decimals(ours, 4)} on text that it has never seen, is lower still, and has "
            f"{percent(right(repaired))} of the characters right."
        )
    return said + (
        f"Was that foresight? The repaired network has the easier question and {percent(right(repaired))} of the next "
        f"characters right, and is at {decimals(ours, 4)} on text that it has never seen. Fifty characters ahead is "
        f"harder. The article names no held-out text, so its loss is that of the text that it trained on, hundreds of "
        f"times over. What that does is shown next."
    )


def of_memory(found: Reproduction) -> str:
    """What very many passes over a text do."""
    result = found["short-text"]
    training, held_out = result.training, result.held_out
    said = (
        f"Network 1, still asked fifty characters ahead and with no memory from window to window, but with the loss "
        f"that teaches faster and at the rate {result.recipe.learning_rate:g}, read {count(result.recipe.characters)} "
        f"characters {count(result.passes)} times over (the article: {PASSES} and more). Of that text it then has "
        f"{percent(training.accuracy)} right, fifty characters ahead; of held-out text {percent(held_out.accuracy)}. "
    )
    if training.accuracy <= held_out.accuracy + BY_HEART:
        return said + "In so few updates it has hardly begun to learn the text by heart."
    own, other, frequencies = (
        decimals(per_hundred(found, scores.binary_cross_entropy), 4)
        for scores in (training, held_out, found.text.chance)
    )
    return said + (
        f"It has not learned to write, it has learned this text by heart. Per hundred outputs its loss is {own} on its "
        f"own text and {other} on held-out text; knowing the frequencies is {frequencies}. A falling loss, and output "
        f"with the right words in it, are what remembering looks like where nothing is held out."
    )
