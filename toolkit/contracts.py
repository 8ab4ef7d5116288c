"""The contract of every tokenizer and strategy, built in or not: call these checks in a plug-in's own tests.

They fit on small English documents. Then they score, code and decode these and awkward texts, as ``verify`` does with
held-out text. The model is counted n-grams, and the decoder has the saved state alone.

All this happens in one process. It misses a plug-in that hides something in its module between encoding and decoding,
or that depends on ``hash``, which differs between processes. ``compare`` and ``verify`` decode in another process and
detect that. Nothing detects files or the environment as hiding places.
"""

import json
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from toolkit.errors import ContractError as ContractError
from toolkit.events.coding import check_encoding, expect
from toolkit.events.encoding import DOCUMENT_ENDS, Tokenizer
from toolkit.inference.ngram import NGramModel
from toolkit.inference.verification import check_scores, decode, read_written, verify
from toolkit.text.corpus import Document, canonical
from toolkit.tokenizers.cut import SpacyWords

_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
TRAINING = tuple(Document(name, text) for name, text in _TEXTS["training"].items())
AWKWARD = tuple(Document(repr(text[:60]), canonical(text)) for text in (*_TEXTS["awkward"], "x" * 300))
ALIEN = "zyzzyvas"  # a word of the validation document that is not in training
VALID = Document("alien", f"The {ALIEN} wrote of {ALIEN}. Every evening the {ALIEN} sang.\n")
PLACES = 12  # of every document, at which a decoder stops


def check_tokenizer(make: Callable[[], Tokenizer], training: Sequence[Document] = TRAINING) -> None:
    """Raise ContractError if a tokenizer breaks its contract (events/distribution.py, events/encoding.py).

    ``make`` returns a tokenizer that is not fitted, with the same settings every time.
    """
    tokenizer = make().fit(training, [VALID])
    state = json.dumps(tokenizer.state())
    expect(ALIEN not in state, "a word of the validation text is in the state")
    restored = make().restore(json.loads(state))
    expect(json.dumps(restored.state()) == state, "a restored tokenizer has another state")

    documents = [*training, VALID, *AWKWARD]
    encodings = [tokenizer.encode(document) for document in documents]
    for document, encoding in zip(documents, encodings, strict=True):
        check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
        ends = encoding.parts == DOCUMENT_ENDS
        expect(
            bool(ends[-1]) and not ends[:-1].any(), f"{document.name}: <doc> must be the only event of its part"
        )
    expect(json.dumps(tokenizer.state()) == state, "encoding has changed the tokenizer's state")
    model = NGramModel.fitted(tokenizer, encodings[: len(training)], [encodings[len(training)]])
    scores = model.score(encodings)
    for decoder in (tokenizer, restored):
        check_scores(tokenizer, documents, scores, partial(read_written, decoder), PLACES)

    decoding = partial(decode, NGramModel.restored(restored, model.arrays()))
    outcome = verify(model, decoding, documents, lambda *_: None, [of_document.total for of_document in scores])
    expect(outcome.wrong is None, str(outcome.wrong))


def check_rare_words(strategy: str, **options: Any) -> None:
    """Raise ContractError if a registered strategy, used in a ``word`` column, breaks the contract."""
    check_tokenizer(lambda: SpacyWords(strategy, strategy_options=options))
