"""The floor: what counting needs for the held-out text, with the column's own events or with plain bytes.

A network that needs more bits than the best n-gram has not beaten counting. xz and PPMd read the training text first
and go on learning from one held-out document to the next (evaluation/compressors.py); the n-gram begins each of them
after the training text alone, as a column does.
"""

import time
from collections.abc import Sequence

from toolkit.evaluation.compressors import baseline, joined, ppmd_order, ppmd_size, sizes_after, xz_size
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import ledger
from toolkit.results.inspection import NGramFloor
from toolkit.results.rows import Baseline
from toolkit.text.corpus import Split
from toolkit.text.excerpt import fitting


def compressor_floors(split: Split) -> list[Baseline]:
    """PPMd and xz after the training text, or an excerpt of one that does not fit, in bits per held-out character."""
    texts = [document.text for document in fitting(split.test)]
    train, valid, test = (joined([d.text for d in fitting(part)]) for part in (split.train, split.valid, split.test))
    order = ppmd_order(train, valid)
    sizes = {
        "ppmd": sizes_after(train, [test], lambda content: ppmd_size(content, order))[0],
        "xz": sizes_after(train, [test], xz_size)[0],
    }
    return [baseline(name, "primed", size, texts) for name, size in sizes.items()]


def ngram_floor(
    tokenizer: Tokenizer,
    training: Sequence[Encoding],
    valid: Sequence[Encoding],
    test: Sequence[Encoding],
    characters: int,
) -> tuple[NGramModel, NGramFloor, list[float]]:
    """The n-gram of a column's events, as ``COLUMN@ngram`` counts it, and what it needs for the held-out encodings.

    Last comes what it needs for each of them, in bits.
    """
    start = time.perf_counter()
    model = NGramModel.fitted(tokenizer, training, valid)
    seconds = time.perf_counter() - start
    scores = model.score(test)
    floor = NGramFloor(order=model.order, seconds=seconds, bits_per_character=ledger(scores, characters))
    return model, floor, [of_document.total for of_document in scores]
