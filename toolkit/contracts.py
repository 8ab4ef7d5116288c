"""The contract of every tokenizer and strategy, built in or not: call these checks in a plug-in's own tests.

They fit on small English documents, then take awkward texts through encoding, decoding, saving, and coding
with a stand-in for a trained network. A decoder that has only the saved state must get the same distributions as the
encoder, and scoring must agree with the coder's bits.

All this happens in one process. It misses a plug-in that hides something in its module between encoding and decoding,
or that depends on ``hash``, which differs between processes. ``compare`` and ``verify`` decode in another process and
detect that. Nothing detects files or the environment as hiding places.
"""

import json
import tomllib
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.errors import ContractError as ContractError
from toolkit.events.checks import check_distribution, check_encoding, check_vocabulary, expect, without_pending_space
from toolkit.events.distribution import Distribution, Uniform, bits
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.events.stepping import LogitStepper, decode_document, encode_document, spelling_bits
from toolkit.events.vocabulary import Vocabulary
from toolkit.text.corpus import Document, canonical
from toolkit.tokenizers.words import Words

_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
TRAINING = tuple(Document(name, text) for name, text in _TEXTS["training"].items())
AWKWARD = (*_TEXTS["awkward"], "x" * 10_000)
ALIEN = "zyzzyvas"  # a word of the validation document that is not in training
VALID = (Document("alien", f"The {ALIEN} wrote of {ALIEN}. Every evening the {ALIEN} sang.\n"),)
OTHER_TEXT = Document("other", "Another text, encoded between a text and its decoding: Nobody, 77.\n")


def check_tokenizer(make: Callable[[], Tokenizer], training: Sequence[Document] = TRAINING) -> None:
    """Raise ContractError if a tokenizer breaks its contract (events/distribution.py, events/protocols.py).

    ``make`` returns a tokenizer that is not fitted, with the same settings every time.
    """
    tokenizer = make().fit(training, VALID)
    state = json.dumps(tokenizer.state())
    expect(ALIEN not in state, "a word of the validation text is in the state")

    def restored() -> Tokenizer:
        return make().restore(json.loads(state))

    expect(json.dumps(restored().state()) == state, "a restored tokenizer has another state")
    for text in (*(document.text for document in training), *map(canonical, AWKWARD)):
        check_document(tokenizer, restored, text)
    check_vocabulary(tokenizer.vocabulary)


def check_rare_words(strategy: str, **options: Any) -> None:
    """Raise ContractError if a registered strategy, used in a ``word`` column, breaks the contract."""
    check_tokenizer(lambda: Words(strategy, strategy_options=options))


def check_document(tokenizer: Tokenizer, restored: Callable[[], Tokenizer], text: str) -> None:
    """Raise ContractError if a canonical text is not encoded whole, or is not decoded from its ids or its code.

    ``restored`` returns a tokenizer that has only the saved state.
    """
    shown = repr(text if len(text) <= 60 else text[:57] + "...")
    encoding = tokenizer.encode(Document("contract", text))
    check_encoding(tokenizer.vocabulary, encoding, len(text), shown)
    decoded = tokenizer.decode(encoding.ids.tolist(), encoding.surfaces)
    expect(decoded == text, f"{shown} comes back as {decoded[:60]!r}")
    ends = encoding.parts == DOCUMENT_ENDS
    expect(bool(ends[-1]) and not ends[:-1].any(), f"{shown}: <doc> must be the only event of its part")
    ids = encoding.ids.tolist()
    for count in range(0, len(ids) - 1, max(1, len(ids) // 8)):
        start, covered = tokenizer.decode(ids[:count], encoding.surfaces), text[: encoding.offsets[count]]
        same = without_pending_space(start, encoding, count) == without_pending_space(covered, encoding, count)
        expect(same, f"{shown}: the first {count} events do not decode to the text before their offset")
    events = coded_events(tokenizer, encoding)
    for distribution, outcome in events:
        check_distribution(distribution, outcome, shown)
    coded = sum(bits(*event) for event in events)
    scored = _scored_bits(tokenizer, encoding)
    expect(abs(scored - coded) <= 1e-6 * (1 + coded), f"{shown}: scoring says {scored:.3f} bits, coding {coded:.3f}")
    tokenizer.encode(OTHER_TEXT)
    expect(decoded_text(restored(), events, shown) == text, f"{shown} does not come back from its code")


def _scored_bits(tokenizer: Tokenizer, encoding: Encoding) -> float:
    """Return the bits of a document as scoring adds them up."""
    network, reserve = StandIn(tokenizer.vocabulary), tokenizer.vocabulary.reserve
    targets = tokenizer.vocabulary.fed(encoding).ids
    log_softmax = np.zeros(len(targets))
    for place, (previous, target) in enumerate(zip([DOC, *targets[:-1].tolist()], targets.tolist(), strict=True)):
        network.feed(previous)
        logits = network.logits().astype(np.float64)
        log_softmax[place] = logits[target] - np.logaddexp.reduce(logits[reserve.trained])
    network_bits = reserve.bits(log_softmax, targets).sum() + reserve.outside_bits(encoding.ids).sum()
    return float(network_bits + spelling_bits(tokenizer, encoding).sum())


def coded_events(tokenizer: Tokenizer, encoding: Encoding) -> list[tuple[Distribution, int]]:
    """Return the distributions and outcomes that an encoder writes for a document."""
    events: list[tuple[Distribution, int]] = []
    stepper = LogitStepper(StandIn(tokenizer.vocabulary), tokenizer.vocabulary.reserve)
    encode_document(stepper, tokenizer, encoding, lambda *event: events.append(event))
    return events


def decoded_text(restored: Tokenizer, events: Sequence[tuple[Distribution, int]], shown: str) -> str:
    """Return the text that a decoder reads. Raises ContractError if its distributions differ from the encoder's."""
    written = iter(events)

    def pick(distribution: Distribution) -> int:
        expected, outcome = next(written, (None, 0))
        expect(expected is not None, f"{shown}: the decoder reads beyond the end")
        same = expected == distribution if isinstance(expected, Uniform) else np.array_equal(expected, distribution)  # type: ignore[arg-type]
        expect(bool(same), f"{shown}: the decoder gets another distribution than the encoder: it cannot know as much")
        return outcome

    text = decode_document(LogitStepper(StandIn(restored.vocabulary), restored.vocabulary.reserve), restored, pick)
    expect(next(written, None) is None, f"{shown}: the decoder stops before the end")
    return text


class StandIn:
    """Replaces a trained network over a vocabulary: its logits change with every event fed since ``<doc>``."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._size = len(vocabulary)
        self._history = 0

    def feed(self, id_: int) -> None:
        """Read an event."""
        self._history = 0 if id_ == DOC else zlib.crc32(id_.to_bytes(4, "big"), self._history)

    def logits(self) -> npt.NDArray[np.float32]:
        """Return logits (V,) that depend on the events so far."""
        return np.random.default_rng(self._history).normal(0, 2, self._size).astype(np.float32)
