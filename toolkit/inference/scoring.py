"""What a run pays for documents: bits of every event, of every document from its beginning to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapreplace

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.encoding import CLASSES, DOC, SPELLING, Encoding, Ids
from toolkit.events.protocols import Tokenizer
from toolkit.events.stepping import spelling_bits
from toolkit.network.backend import THREADS, Tensor, tf
from toolkit.network.network import Network
from toolkit.results import PARTS, BitsPerCharacter

MOST_ROWS = 32  # per thread
TILE = 8  # rows that a product takes as soon as one of them
STEP = 6  # what a step takes whatever its rows, in the time of a row of 256 units
MOST_STEPS = 128


@dataclass(frozen=True)
class DocumentScores:
    """Bits of one document, event by event (n,), 0 where there is nothing to pay.

    ``network_bits``: of the network's choice; ``spelling_bits``: of the spelling behind it; ``outside_bits``: of
    being, or not being, an event that is outside the network (Reserve.outside).
    """

    network_bits: Floats
    spelling_bits: Floats
    outside_bits: Floats
    encoding: Encoding
    spelling_part: int | None = SPELLING  # as Vocabulary has it

    @property
    def total(self) -> float:
        """All bits of the document."""
        return float(self.bits.sum())

    @property
    def bits(self) -> Floats:
        """Bits of each event (n,)."""
        return self.network_bits + self.spelling_bits + self.outside_bits

    @property
    def characters(self) -> int:
        """Characters of the document."""
        return int(self.encoding.offsets[-1])

    def parts(self) -> Floats:
        """Bits by part of the ledger (5,), in the order of results.PARTS."""
        by_part: Floats = np.bincount(self.encoding.parts, self.network_bits, len(PARTS))  # type: ignore[assignment]
        if self.spelling_part is None:
            by_part += np.bincount(self.encoding.parts, self.spelling_bits, len(PARTS))
        else:
            by_part[self.spelling_part] += self.spelling_bits.sum()
        by_part[CLASSES] += self.outside_bits.sum()
        return by_part

    def by_character(self) -> tuple[Floats, float]:
        """Bits of each character (characters,), and of the document's end."""
        return character_bits(self.encoding.offsets, self.bits)


def score(network: Network, tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> list[DocumentScores]:
    """Scores of whole documents, batched in the rows that ``quickest`` chooses."""
    paid = score_network(network, tokenizer, encodings)
    return [document_scores(tokenizer, *found) for found in zip(encodings, paid, strict=True)]


def document_scores(tokenizer: Tokenizer, encoding: Encoding, network_bits: Floats) -> DocumentScores:
    """All that a document pays, given the bits (n,) of its network events."""
    vocabulary = tokenizer.vocabulary
    outside_bits = vocabulary.reserve.outside_bits(encoding.ids)
    return DocumentScores(
        network_bits, spelling_bits(tokenizer, encoding), outside_bits, encoding, vocabulary.spelling_part
    )


def score_network(network: Network, tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> list[Floats]:
    """Bits (n,) of each document's network events; 0 for those outside the network."""
    found = []
    fed = [tokenizer.vocabulary.fed(encoding) for encoding in encodings]
    for encoding, paid in zip(encodings, score_fed(network, tokenizer, fed), strict=True):
        found.append(np.zeros(len(encoding.ids)))
        found[-1][tokenizer.vocabulary.reserve.inside(encoding.ids)] = paid
    return found


def score_fed(network: Network, tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> list[Floats]:
    """Bits (n,) of each document's network events, none of which is outside the network."""
    documents = [encoding.ids for encoding in encodings]
    scores = zip(log_softmax(network, documents), documents, strict=True)
    return [tokenizer.vocabulary.reserve.bits(found, ids) for found, ids in scores]


def log_softmax(network: Network, documents: Sequence[Ids]) -> list[Floats]:
    """Natural log of the softmax (n,) of each document's ids (n,), the documents batched together."""
    lengths = [len(ids) for ids in documents]
    placed = quickest(lengths)
    scores = np.concatenate(list(log_softmax_windows(network, *row_streams(documents, placed))), 1)
    found: list[Floats] = [np.empty(0)] * len(documents)
    for row, numbers in enumerate(placed):
        ends = np.cumsum([0, *(lengths[i] for i in numbers)])
        for i, start, end in zip(numbers, ends[:-1], ends[1:], strict=True):
            found[i] = scores[row, start:end]
    return found


def quickest(lengths: Sequence[int]) -> list[list[int]]:
    """Which documents go to which row, in so many rows that all are read soonest: many are wide, few are long.

    >>> len(quickest([700, 700])), len(quickest([7] * 640))
    (2, 64)
    """

    def time(placed: Sequence[Sequence[int]]) -> int:
        tiles = -(-len(placed) // (THREADS * TILE))
        return max(sum(lengths[i] for i in row) for row in placed) * (TILE * tiles + STEP)

    return min((packed(lengths, THREADS * rows) for rows in range(1, MOST_ROWS + 1)), key=time)


def row_streams(documents: Sequence[Ids], placed: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """Inputs and targets (rows, longest) of documents end to end; a row's rest is ``<doc>``, its score not used."""
    longest = max(sum(len(documents[i]) for i in numbers) for numbers in placed)
    inputs, targets = (np.full((len(placed), longest), DOC, np.int32) for _ in range(2))
    for row, numbers in enumerate(placed):
        if numbers:
            ids = np.concatenate([documents[i] for i in numbers])
            targets[row, : len(ids)] = ids
            inputs[row, 1 : len(ids)] = ids[:-1]
    return inputs, targets


def log_softmax_windows(network: Network, inputs: Ids, targets: Ids) -> Sequence[Floats]:
    """Natural log of each target's softmax (rows, steps), window by window, the state carried along.

    Windows are alike, and as long as leaves little of the last one empty.
    """
    rows, longest = inputs.shape
    steps = -(-longest // -(-longest // MOST_STEPS))
    padding = ((0, 0), (0, -longest % steps))
    inputs, targets = np.pad(inputs, padding), np.pad(targets, padding)
    window = window_scorer(network, rows, steps)
    states = tuple(network.initial(rows // THREADS) for _ in range(THREADS))
    found = []
    for start in range(0, longest, steps):
        scores, states = window(inputs[:, start : start + steps], targets[:, start : start + steps], states)
        found.append(scores.numpy())
    found[-1] = found[-1][:, : longest - (len(found) - 1) * steps]
    return found


def window_scorer(network: Network, rows: int, steps: int) -> Tensor:
    """The graph that scores a window (rows, steps), its rows parted over the threads; made once per shape."""
    if (rows, steps) not in network.graphs:

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def window(inputs: Tensor, targets: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
            parts = zip(tf.split(inputs, THREADS), tf.split(targets, THREADS), states, strict=True)
            scored = [score_rows(network, *part) for part in parts]
            return tf.concat([scores for scores, _ in scored], 0), tuple(state for _, state in scored)

        network.graphs[rows, steps] = window
    return network.graphs[rows, steps]


def score_rows(network: Network, inputs: Tensor, targets: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Natural log of each target's softmax (rows, steps) in float64, and the state after the window."""
    rows, steps = inputs.shape
    outputs, state = network.hidden(tf.transpose(inputs), state)  # (steps, rows, H)
    flat = tf.reshape(outputs, (steps * rows, outputs.shape[-1]))
    scores = network.dense().log_softmax(flat, tf.reshape(tf.transpose(targets), (-1,)))
    return tf.transpose(tf.reshape(scores, (steps, rows))), state


def ledger(scores: Sequence[DocumentScores]) -> BitsPerCharacter:
    """Bits per character by part, a ratio of sums over all documents."""
    characters = sum(document.characters for document in scores)
    parts = np.sum([document.parts() for document in scores], 0) / characters
    return BitsPerCharacter(total=float(parts.sum()), **dict(zip(PARTS, map(float, parts), strict=True)))


def score_arrays(scores: Sequence[DocumentScores]) -> dict[str, npt.NDArray[np.generic]]:
    """The scores of all documents as arrays: events end to end, and where each document begins.

    ``starts`` (documents + 1,); ``ids``, ``parts``, ``widths`` (characters that each event covers), ``network_bits``,
    ``spelling_bits`` and ``outside_bits`` (events,); ``spelling_part`` (documents,) as in DocumentScores, −1 for None.
    """
    return {
        "starts": np.cumsum([0, *(len(document.encoding.ids) for document in scores)]),
        "ids": np.concatenate([document.encoding.ids for document in scores]),
        "parts": np.concatenate([document.encoding.parts for document in scores]),
        "widths": np.concatenate([np.diff(document.encoding.offsets) for document in scores]),
        "network_bits": np.concatenate([document.network_bits for document in scores]),
        "spelling_bits": np.concatenate([document.spelling_bits for document in scores]),
        "outside_bits": np.concatenate([document.outside_bits for document in scores]),
        "spelling_part": np.array([-1 if d.spelling_part is None else d.spelling_part for d in scores], np.int8),
    }


def scores_of(arrays: Mapping[str, npt.NDArray[np.generic]]) -> list[DocumentScores]:
    """The inverse of ``score_arrays``, but for the surfaces."""
    found = []
    bounds = zip(arrays["starts"][:-1], arrays["starts"][1:], arrays["spelling_part"].tolist(), strict=True)
    for start, end, spelling_part in bounds:
        part = slice(int(start), int(end))
        offsets = np.cumsum([0, *arrays["widths"][part]]).astype(np.int32)
        encoding = Encoding(arrays["ids"][part], offsets, arrays["parts"][part], {})  # type: ignore[arg-type]
        paid = (arrays[name][part] for name in ("network_bits", "spelling_bits", "outside_bits"))
        found.append(DocumentScores(*paid, encoding, None if spelling_part < 0 else spelling_part))  # type: ignore[arg-type, call-arg]
    return found


def packed(lengths: Sequence[int], rows: int) -> list[list[int]]:
    """Which documents go to which of at most ``rows`` rows, so that the longest row is short (longest first).

    >>> packed([5, 9, 4], 2)
    [[1], [0, 2]]
    """
    loads = [(0, row) for row in range(rows)]  # a heap
    placed: list[list[int]] = [[] for _ in range(rows)]
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        load, row = loads[0]
        placed[row].append(i)
        heapreplace(loads, (load + lengths[i], row))
    return placed


def character_bits(offsets: npt.NDArray[np.integer], bits: Floats) -> tuple[Floats, float]:
    """Bits of each character (len(text),), and those of the document's end, which belong to no character.

    ``offsets`` (events + 1,) rises from 0 to len(text): event i covers text[offsets[i]:offsets[i+1]], and its ``bits``
    (events,) are spread evenly over these characters. An event that covers none (a mark, a word's begin, a byte
    inside a character) gives all its bits to the next covered character, on top of what that one has; after the last
    character they are the end's. Nothing is lost: Σ characters + end = Σ events.

    >>> per_character, end = character_bits(np.array([0, 2, 2, 3, 3]), np.array([4.0, 1.0, 6.0, 0.5]))
    >>> per_character.tolist(), end
    ([2.0, 2.0, 7.0], 0.5)
    """
    widths = np.diff(offsets)  # (events,)
    covering = widths > 0
    spread = np.repeat(bits[covering] / widths[covering], widths[covering])  # (len(text),)
    places = offsets[:-1][~covering]  # the next character's, or len(text)
    carried = np.bincount(places, weights=bits[~covering], minlength=len(spread) + 1)  # (len(text) + 1,)
    return spread + carried[:-1], float(carried[-1])
