"""What a network expects at some places of documents: whole distributions, where scoring needs one number each."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Events, Ids, Vocabulary
from toolkit.inference.scoring import LEAST_PARTS, WINDOW, in_windows, quickest, row_streams
from toolkit.network.backend import Tensor, tf
from toolkit.network.network import RecurrentNetwork

Wanted = dict[int, list[int]]  # places of a document, by the number of the fed id that they come before


def network_distributions(
    network: RecurrentNetwork, vocabulary: Vocabulary, encodings: Sequence[Events], places: Sequence[Collection[int]]
) -> Iterator[tuple[int, int, Floats]]:
    """``Model.distributions`` of a network: the documents are read in rows, as far as a place is wanted."""
    wanted = [by_fed(vocabulary, *pair) for pair in zip(encodings, places, strict=True)]
    documents = [
        begun(vocabulary.fed(encoding).ids, max(of_document, default=-1) + 1)
        for encoding, of_document in zip(encodings, wanted, strict=True)
    ]
    for number, fed, logits in logits_at(network, documents, wanted):
        distribution = vocabulary.reserve.distribution(logits)
        for place in wanted[number][fed]:
            yield number, place, distribution


def begun(ids: Ids, length: int) -> Ids:
    """The first ids (length,) of a document, of which the last is ``<doc>``: after it a row's next document begins.

    Nothing that is expected depends on the last.
    """
    beginning = ids[:length].copy()
    beginning[-1:] = DOC
    return beginning


def by_fed(vocabulary: Vocabulary, encoding: Events, places: Collection[int]) -> Wanted:
    """The places by the number of the next id that the network is fed, which has the same distribution."""
    inside = vocabulary.reserve.inside(encoding.ids)
    before: Ids = np.cumsum(inside) - inside
    wanted: Wanted = {}
    for place in sorted(places):
        wanted.setdefault(int(before[place]), []).append(place)
    return wanted


def logits_at(
    network: RecurrentNetwork, documents: Sequence[Ids], wanted: Sequence[Collection[int]]
) -> Iterator[tuple[int, int, Floats]]:
    """Logits (V,) before the ``wanted`` ids of each document, with the document's number and the id's."""
    if not any(wanted):
        return
    placed = quickest([len(ids) for ids in documents], LEAST_PARTS)
    inputs, _ = row_streams(documents, placed)  # (rows, longest)
    at: dict[int, list[tuple[int, int, int]]] = {}  # by step: row, document, id
    for row, numbers in enumerate(placed):
        begin = 0
        for number in numbers:
            for fed in wanted[number]:
                at.setdefault(begin + fed, []).append((row, number, fed))
            begin += len(documents[number])
    rows, longest = inputs.shape
    inputs = in_windows(inputs)
    reader, state = window_reader(network, rows), network.initial(rows)
    for start in range(0, longest, WINDOW):
        outputs, state = reader(inputs[:, start : start + WINDOW], state)
        here = [(step, *entry) for step in range(start, start + WINDOW) for entry in at.get(step, [])]
        if here:
            chosen = tf.gather_nd(outputs, [[step - start, row] for step, row, _, _ in here])
            for (_, _, number, fed), logits in zip(here, network.output_layer().logits(chosen).numpy(), strict=True):
                yield number, fed, logits


def window_reader(network: RecurrentNetwork, rows: int) -> Tensor:
    """The graph that gives the outputs (WINDOW, rows, H) of a window (rows, WINDOW); made once per number of rows."""
    key = ("read", rows)
    if key not in network.graphs:

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def window(inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            outputs: tuple[Tensor, Tensor] = network.forward().window(tf.transpose(inputs), state)
            return outputs

        network.graphs[key] = window
    return network.graphs[key]
