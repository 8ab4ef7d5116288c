"""The contract of every tokenizer and strategy, built in or not: call these checks in a plug-in's own tests.

They fit on small English documents, then take awkward and generated texts through encoding, decoding, saving, and
coding with a stand-in for a trained network: a decoder that knows only the saved state must meet the same
distributions as the encoder, and scoring must agree with what the coder pays. Needs hypothesis (the extra ``test``).

All this happens in one process, so it cannot detect what a plug-in hides in its module between encoding and decoding,
or a ``hash`` of strings, which each process salts differently. ``compare`` and ``verify`` can: they read back and
decode in another process. Nothing detects what code keeps in files or in the environment.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.errors import ContractError as ContractError
from toolkit.events.checks import (
    check_distribution,
    check_encoding,
    check_vocabulary,
    expect,
    without_pending_space,
)
from toolkit.events.distribution import Distribution, Uniform, bits
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.events.stepping import LogitStepper, decode_document, encode_document, spelling_bits
from toolkit.events.vocabulary import Vocabulary
from toolkit.text.corpus import Document, canonical
from toolkit.tokenizers.words import Words

TRAINING = (
    Document(
        "lamp",
        "The keeper wrote every evening in the station book. On the 14th he wrote: \"No ship; no light but ours.\"\n\n"
        "The glass fell, and the old lamp-room smelled of colza. Nobody came up the stair. The keeper slept.\n",
    ),
    Document(
        "fen",
        "Nobody in the fen spoke of the keeper's boat (it lay under the quay), and the old woman wouldn't say why.\n\n"
        "“Ask the water,” she said — and the water said nothing. The boat rotted; 3 ribs of it stood in 1871.\n",
    ),
    Document(
        "well",
        "The well was older than the house. Its rope ran down and down: no bucket, no water, no end of it...\n\n"
        "The keeper of the house, a McAllister, wrote that NOBODY had dug it. In the evening he lowered a lamp.\n",
    ),
    Document(
        "choir",
        "Every evening the old choir sang under the quay. It sang of ships, of light, of water and of the glass.\n\n"
        "\tNobody wrote the words down; nobody could. The stair was wet and the keeper's book lay open on it.\n",
    ),
)  # fmt: skip
AWKWARD = (
    "",
    "a",
    " ",
    "\n",
    "😀",
    "👩\u200d🚒 e\u0301\u0327 Ǆ ß ﬁ",
    "one\r\ntwo\rthree",
    "\t tabs\t\tand   runs of    spaces \n \n\n\n ",
    "x" * 10_000,
    "жщѣ ΑΩ 漢字かな",
    "שלום, עולם! مرحبا",
    "a\u00a0b\u2003c\u200bd\ufeff",
    "The keeper's LAMP, the Keeper's lamp—\"lamp\"...",
    "·a ▁b ##c <doc> <unk> Ġ",
    "He stopped. a lamp fell. Then  THEN then. a",
)
ALIEN = "zyzzyvas"  # a word of the validation document that is not in training
VALID = (Document("alien", f"The {ALIEN} wrote of {ALIEN}. Every evening the {ALIEN} sang.\n"),)
OTHER_TEXT = Document("other", "Another text, of which whoever decodes the first must know nothing: Nobody, 77.\n")


class StandIn:
    """Replaces a trained network: its logits change with every event fed since ``<doc>``."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._history = 0

    def feed(self, id_: int) -> None:
        """Read an event."""
        self._history = 0 if id_ == DOC else zlib.crc32(id_.to_bytes(4, "big"), self._history)

    def logits(self) -> npt.NDArray[np.float32]:
        """Logits (V,) drawn from the events so far."""
        return np.random.default_rng(self._history).normal(0, 2, self._size).astype(np.float32)


def stand_in(vocabulary: Vocabulary) -> LogitStepper:
    """A model of a vocabulary, at the beginning of a document."""
    return LogitStepper(StandIn(len(vocabulary)), vocabulary.reserve)


def check_tokenizer(make: Callable[[], Tokenizer], training: Sequence[Document] = TRAINING, examples: int = 25) -> None:
    """Raise ContractError if a tokenizer breaks its contract (events/distribution.py, events/protocols.py).

    ``make`` gives one that is not fitted, with the same settings every time. Besides awkward texts, ``examples``
    generated ones are tried.
    """
    tokenizer = make().fit(training, VALID)
    restored = check_state(make, tokenizer)
    texts = [*(document.text for document in training), *map(canonical, AWKWARD), *generated_texts(training, examples)]
    for text in texts:
        check_document(tokenizer, restored, text)
    check_vocabulary(tokenizer.vocabulary)


def check_rare_words(strategy: str, examples: int = 25, **options: Any) -> None:
    """Raise ContractError if a registered strategy, used in a ``word`` column, breaks the contract."""
    check_tokenizer(lambda: Words(strategy, strategy_options=options), examples=examples)


def check_state(make: Callable[[], Tokenizer], tokenizer: Tokenizer) -> Callable[[], Tokenizer]:
    """Return a function that restores the tokenizer from its saved state alone.

    Raises ContractError if validation text is in the state, or if the restored tokenizer's state differs.
    """
    state = json.dumps(tokenizer.state())
    expect(ALIEN not in state, "a word of the validation text is in the state")

    def restored() -> Tokenizer:
        return make().restore(json.loads(state))

    expect(json.dumps(restored().state()) == state, "a restored tokenizer has another state")
    return restored


def check_document(tokenizer: Tokenizer, restored: Callable[[], Tokenizer], text: str) -> None:
    """Raise ContractError if a text is not encoded whole, does not come back, or cannot be decoded from its code.

    The text must be canonical, as all documents are. The decoder has only what ``restored`` gives.
    """
    document, shown = Document("contract", text), repr(text if len(text) <= 60 else text[:57] + "...")
    encoding = tokenizer.encode(document)
    check_encoding(tokenizer.vocabulary, encoding, len(text), shown)
    back = tokenizer.decode(encoding.ids.tolist(), encoding.surfaces)
    expect(back == text, f"{shown} comes back as {back[:60]!r}")
    check_coverage(tokenizer, encoding, text, shown)
    events = list(coded_events(tokenizer, encoding, shown))
    check_scoring(tokenizer, encoding, events, shown)
    tokenizer.encode(OTHER_TEXT)
    expect(decoded(restored(), events, shown) == text, f"{shown} does not come back from its code")


def check_coverage(tokenizer: Tokenizer, encoding: Encoding, text: str, shown: str) -> None:
    """Raise ContractError if events do not decode to what they cover, or an event before the last is an end.

    Of a word that is being spelled nobody knows, until it is whole, whether a space is before it: there, the text may
    differ by that space.
    """
    ends = encoding.parts == DOCUMENT_ENDS
    expect(bool(ends[-1]) and not ends[:-1].any(), f"{shown}: <doc> must be the only event of its part")
    ids = encoding.ids.tolist()
    for count in range(0, len(ids) - 1, max(1, len(ids) // 8)):
        start, covered = tokenizer.decode(ids[:count], encoding.surfaces), text[: encoding.offsets[count]]
        same = without_pending_space(start, encoding, count) == without_pending_space(covered, encoding, count)
        expect(same, f"{shown}: the first {count} events do not decode to what they cover")


def check_scoring(
    tokenizer: Tokenizer, encoding: Encoding, events: Sequence[tuple[Distribution, int]], shown: str
) -> None:
    """Raise ContractError if the bits that scoring adds up are not those of the coded events."""
    network, reserve = StandIn(len(tokenizer.vocabulary)), tokenizer.vocabulary.reserve
    targets = tokenizer.vocabulary.fed(encoding).ids
    log_softmax = np.zeros(len(targets))
    for place, (before, target) in enumerate(zip([DOC, *targets[:-1].tolist()], targets.tolist(), strict=True)):
        network.feed(before)
        logits = network.logits().astype(np.float64)
        log_softmax[place] = logits[target] - np.logaddexp.reduce(logits[reserve.trained])
    scored = reserve.bits(log_softmax, targets).sum() + reserve.outside_bits(encoding.ids).sum()
    scored += spelling_bits(tokenizer, encoding).sum()
    paid = sum(bits(*event) for event in events)
    expect(
        abs(scored - paid) <= 1e-6 * (1 + paid), f"{shown}: scoring says {scored:.3f} bits, but coding pays {paid:.3f}"
    )


def coded_events(tokenizer: Tokenizer, encoding: Encoding, shown: str) -> Iterator[tuple[Distribution, int]]:
    """What an encoder writes for a document. Raises ContractError if it is not an outcome of a distribution."""
    events: list[tuple[Distribution, int]] = []
    encode_document(stand_in(tokenizer.vocabulary), tokenizer, encoding, lambda *event: events.append(event))
    for distribution, outcome in events:
        check_distribution(distribution, outcome, shown)
    return iter(events)


def decoded(restored: Tokenizer, events: Sequence[tuple[Distribution, int]], shown: str) -> str:
    """The text that a decoder reads. Raises ContractError if it cannot know what the encoder knew."""
    written = iter(events)

    def pick(distribution: Distribution) -> int:
        expected, outcome = next(written, (None, 0))
        expect(expected is not None, f"{shown}: the decoder reads beyond the end")
        same = expected == distribution if isinstance(expected, Uniform) else np.array_equal(expected, distribution)  # type: ignore[arg-type]
        expect(
            bool(same), f"{shown}: the decoder meets a different distribution than the encoder: it cannot know as much"
        )
        return outcome

    text = decode_document(stand_in(restored.vocabulary), restored, pick)
    expect(next(written, None) is None, f"{shown}: the decoder stops before the end")
    return text


def generated_texts(training: Sequence[Document], examples: int) -> list[str]:
    """Canonical texts made of arbitrary characters and of words of the training documents."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    words = sorted({word for document in training for word in document.text.split(" ")})
    anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    pieces = st.one_of(
        st.sampled_from(words), st.sampled_from(["  ", "\n", "\t", "-", "’", '"', "İ", "\u0301"]), anything
    )
    found: list[str] = []  # the name is part of what seeds hypothesis (derandomize): another name, other texts

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(pieces, max_size=12), st.sampled_from(["", " "]))
    def collect(parts: list[str], between: str) -> None:
        found.append(canonical(between.join(parts)))

    collect()
    return found
