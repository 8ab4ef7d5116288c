"""Subwords: byte pairs learnt from the training text, or the tokens of a given tokenizer.json."""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers import decoders, models, pre_tokenizers, trainers

from toolkit.errors import InputError, first_line
from toolkit.events.checks import common_length
from toolkit.events.encoding import DOC, Events, parts_of
from toolkit.events.vocabulary import Reserve, Vocabulary
from toolkit.spelling.uniform import UniformSpeller, UnseenTokens
from toolkit.text.corpus import Document, characters, decode_utf8
from toolkit.text.excerpt import excerpt, excerpt_note
from toolkit.text.neutral import goes_on
from toolkit.text.sources import read_bytes
from toolkit.tokenizers.byte_level import BYTES, ByteTokens, Meaning, TextTokens
from toolkit.tokenizers.counting import InParts
from toolkit.tokenizers.pieces import Cutter, InPieces, Tokens, Whole, comes_in_pieces

OTHER = "other"  # the class of all tokens in the library's vocabulary that never occur in training
OTHER_ID = 1  # its id, if there are any
MOST = 1_000_000  # entries that ``bpe`` may learn
SHOWN = 20  # characters shown of a text if another one came back


class Subwords(ABC):
    """A tokenizer of the library ``tokenizers``, with one event per token.

    Id 0 is ``<doc>``, followed by the tokens seen in training, by frequency and then by the library's id. All others in
    the library's vocabulary (unused bytes, parts of longer tokens) are behind id 1, ``<other>``, and saying which one
    it is costs a uniform choice; if all tokens occur in training, there is no ``<other>``. A surface is the library's
    own name of a token. Every encoded document is checked to come back exactly.
    """

    one_hot: ClassVar[bool] = False
    vocabulary: Vocabulary
    speller: UniformSpeller
    letter: str  # one that a token seen in training has; "" if none has any

    @property
    @abstractmethod
    def source(self) -> str:
        """The name of the tokenizer, for use in a sentence."""

    @abstractmethod
    def library_json(self, documents: Sequence[Document]) -> str:
        """The library's tokenizer for these training documents, in the format of a tokenizer.json."""

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the tokens seen in training; a token in only one document would be a surprise if that were left out.

        Slices of a single document are left out instead. Nothing is chosen on ``valid``, but it must come back too.
        """
        self._load(self.library_json(documents))
        encoded = (self._checked(document).ids.astype(np.intp) for document in documents)
        found = InParts.of(documents, encoded, max(self._tokens) + 1)
        for document in valid:
            self._checked(document)
        ranked = np.argsort(-found.counts, kind="stable")
        seen = ranked[found.counts[ranked] > 0].tolist()
        return self._set(seen, found.surprising, int(found.counts.sum()) + len(documents))

    def _load(self, json_text: str) -> None:
        """Load the library's tokenizer and its tokens by id."""
        self._json = json_text
        self._library = read_library(json_text)
        self._tokens = {id_: token for token, id_ in self._library.get_vocab(with_added_tokens=True).items()}
        byte_level = isinstance(self._library.decoder, decoders.ByteLevel)
        self._meaning: Meaning = ByteTokens(self._tokens) if byte_level else TextTokens(self._library)
        in_pieces = byte_level and comes_in_pieces(json_text)
        self._cutter: Cutter = InPieces(self._library) if in_pieces else Whole(self._library)

    def _set(self, seen: Sequence[int], surprising: int, events: int) -> Self:
        """Number the ids."""
        self._seen = list(seen)
        unseen = sorted(self._tokens.keys() - set(seen))
        names = ["<doc>", *([f"<{OTHER}>"] if unseen else []), *(self._tokens[id_] for id_ in seen)]
        self._first = len(names) - len(seen)  # the most frequent token's id
        self._other_ids = {self._tokens[id_]: id_ for id_ in unseen}  # by surface
        self._ids = np.full(max(self._tokens) + 1, OTHER_ID, np.int32)  # by the library's id
        self._ids[list(seen)] = np.arange(self._first, len(names))
        trained = np.ones(len(names), bool)
        trained[OTHER_ID : self._first] = False
        spelled = {OTHER_ID: OTHER} if unseen else {}
        after_word = [self._meaning.after_word(id_) for id_ in seen]
        self.letter = next((letter for text in after_word for letter in text if letter.isalpha()), "")
        self.vocabulary = Vocabulary(
            tuple(names),
            spelled,
            Reserve(trained, surprising, events),
            spelling_part=None,
            ending=np.array([*[True] * self._first, *(text != "" and not goes_on(text) for text in after_word)]),
        )
        self.speller = UniformSpeller(UnseenTokens(list(self._other_ids)))
        return self

    def _checked(self, document: Document) -> Tokens:
        """The library's tokens. Raises InputError if the document does not come back from them."""
        text = document.text
        try:
            tokens = self._cutter.cut(text)
        except Exception as error:
            if type(error) is not Exception:  # the library reports what its vocabulary lacks with no narrower class
                raise
            raise InputError(
                f"{self.source} cannot encode the document {document.name!r} ({first_line(error)}); give a tokenizer "
                f"that accepts every text, such as a byte-level one."
            ) from error
        ids = tokens.ids.tolist()
        if not self._meaning.gives_back(ids, text):
            raise InputError(
                f"{self.source} is not lossless on the document {document.name!r}: "
                f"{difference(text, self._meaning.text(ids, whole=True))}; "
                f"give a tokenizer that restores every text, such as a byte-level one."
            )
        return tokens

    def encode(self, document: Document) -> Events:
        """One event per token, then ``<doc>``.

        Raises InputError if the document does not come back from the tokens.
        """
        text = document.text
        tokens = self._checked(document)
        ids = np.append(self._ids[tokens.ids], np.int32(DOC))
        ends = np.append(self._meaning.ends(tokens, text), len(text)).astype(np.int32)
        hidden = np.flatnonzero(ids == OTHER_ID) if self._other_ids else ()
        surfaces = {int(i): self._tokens[int(tokens.ids[i])] for i in hidden}
        return Events.of(ids, ends, parts_of(text, ends), surfaces)

    def prompt(self, text: str) -> Events:
        """The encoding of the text; where it ends with white space, the tokens that it has if a letter follows.

        A word's token mostly includes the space before it, which is left out then. Where no token has a letter, the
        text is encoded as it is.
        """
        if not self.letter or not text[-1:].isspace():
            return self.encode(Document("prompt", text))
        followed = self.encode(Document("prompt", text + self.letter))
        kept = int(np.searchsorted(followed.ends, len(text), "right"))  # events that end within the text
        surfaces = {place: surface for place, surface in followed.surfaces.items() if place < kept}
        covered = int(followed.starts[kept])
        ends = np.append(followed.ends[:kept], np.int32(covered))
        ids = np.append(followed.ids[:kept], np.int32(DOC))
        return Events.of(ids, ends, parts_of(text[:covered], ends), surfaces)

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """The text of the tokens.

        Byte-level tokens that end within a character, as sampled ones may, give the text before it, unless ``<doc>``
        says that nothing follows; then the character becomes U+FFFD.
        """
        library_ids = [
            self._other_ids[surfaces[i]] if id_ in self.vocabulary.spelled else self._seen[id_ - self._first]
            for i, id_ in enumerate(ids)
            if id_ != DOC
        ]
        return self._meaning.text(library_ids, whole=len(ids) > 0 and ids[-1] == DOC)

    def fill(self, word_class: str, rng: np.random.Generator) -> str:  # noqa: ARG002
        """Raise InputError: ``<other>`` is never generated, because it never occurred in training."""
        raise InputError(f"No token of the class {word_class!r} was seen in training; it cannot be filled.")

    def state(self) -> dict[str, Any]:
        """The whole tokenizer.json, the tokens seen in the order of their ids, and the surprises."""
        reserve = self.vocabulary.reserve
        return {
            "tokenizer": self._json,
            "seen": self._seen,
            "surprises": reserve.surprises,
            "events": reserve.events,
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Load what ``state`` gave."""
        self._load(state["tokenizer"])
        return self._set(state["seen"], state["surprises"], state["events"])


class BytePairs(Subwords):
    """The tokenizer ``bpe``: byte pairs, learnt from the training text.

    It is byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019). Its initial alphabet is all bytes,
    so it can encode every text. A pair is merged if it occurs at least twice in training, within the words cut by
    GPT-2's pattern, which include the space before them. Nothing is normalised, and no space is added at the front.
    Of much text, the merges are learnt on an excerpt.
    """

    source = "The tokenizer 'bpe'"

    def __init__(self, *, vocabulary_size: int | None = None) -> None:
        size = vocabulary_size
        if size is not None and (type(size) is not int or not BYTES <= size <= MOST):
            raise InputError(
                f"vocabulary_size is {size!r}; give a whole number from {BYTES} (the bytes alone) to {MOST:,}."
            )
        self.vocabulary_size = vocabulary_size

    def excerpt_notes(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """A sentence if the merges are not learnt from all of these training documents."""
        return excerpt_note("Merges of byte pairs are learnt", documents, excerpt(documents))

    def library_json(self, documents: Sequence[Document]) -> str:
        """Learnt from the documents; by default of size ``usual_size``."""
        size = self.vocabulary_size or usual_size(characters(documents))
        library = byte_level(models.BPE(*cut(merges(tuple(document.text for document in excerpt(documents))), size)))
        return library.to_str()


def byte_level(model: models.BPE) -> LibraryTokenizer:
    """The library's tokenizer of byte pairs, with their merges or to learn them."""
    library = LibraryTokenizer(model)
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    return library


Merges = list[tuple[str, str]]


@lru_cache(maxsize=1)  # columns that differ in their size are fitted one after another, on the same texts
def merges(texts: tuple[str, ...]) -> Merges:
    """All pairs of tokens that training texts let merge, in the order in which they are learnt.

    It is always the most frequent pair that is merged next, the one with the lowest ids among equals, however many
    follow: what a smaller vocabulary learns is the beginning of this list.
    """
    library = byte_level(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=MOST,
        min_frequency=2,
        show_progress=False,
        special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    library.train_from_iterator(texts, trainer)
    return [(a, b) for a, b in json.loads(library.to_str())["model"]["merges"]]


def cut(merges: Merges, size: int) -> tuple[dict[str, int], Merges]:
    """The ids of a vocabulary of at most this size, and the merges that make it up: the bytes, then what is merged.

    Should two merges make the same token, only the first adds to the vocabulary.

    >>> ids, kept = cut([("a", "b"), ("b", "c"), ("ab", "c"), ("a", "bc"), ("d", "e")], 259)
    >>> kept, [token for token, id_ in ids.items() if id_ >= 256]
    ([('a', 'b'), ('b', 'c'), ('ab', 'c')], ['ab', 'bc', 'abc'])
    """
    ids = {token: id_ for id_, token in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    kept: Merges = []
    for a, b in merges:
        if len(ids) >= size:
            break
        kept.append((a, b))
        ids.setdefault(a + b, len(ids))
    return ids, kept


class GivenTokenizer(Subwords):
    """The tokenizer ``hf:PATH``: the tokens of a given tokenizer.json.

    The file is as the library ``tokenizers`` writes it. It is used unchanged, except that no special tokens are added
    and nothing is truncated or padded. A run saves all of it. Any tokenizer that restores the corpus will do: a
    byte-level one that adds no space at the front and normalises nothing restores every text, any other only what its
    tokens can express.
    """

    takes_file: ClassVar[bool] = True

    def __init__(self, *, path: str | None = None) -> None:
        if path is not None and (not isinstance(path, str) or not path):
            raise InputError(f"path is {path!r}; give the path of a tokenizer.json.")
        self.path = path

    @property
    def source(self) -> str:
        """Its file."""
        return f"The tokenizer of {self.path}"

    def check(self) -> None:
        """Raise InputError if the file is missing or is not a tokenizer.json."""
        self.library_json(())

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError, with the difference, for the first document that does not come back."""
        self._load(self.library_json(()))
        for document in (*training, *held_out):
            self._checked(document)

    def library_json(self, documents: Sequence[Document]) -> str:  # noqa: ARG002 - given, not learnt
        """The file's text. Raises InputError if it is missing or is not a tokenizer.json."""
        if self.path is None:
            raise InputError("The tokenizer 'hf' has no file; name a tokenizer.json, such as hf:tokenizer.json.")
        text = decode_utf8(read_bytes(Path(self.path)), self.path)
        try:
            read_library(text)
        except ValueError as error:
            raise InputError(
                f"{self.path} cannot be used: {error}; give a tokenizer.json of the library tokenizers."
            ) from error
        return text


def read_library(json_text: str) -> LibraryTokenizer:
    """The library's tokenizer in a tokenizer.json, set to give each text one whole encoding.

    Raises ValueError if the text is not a tokenizer.json, or its encoding is random.
    """
    try:
        library = LibraryTokenizer.from_str(json_text)
    except Exception as error:
        if type(error) is not Exception:  # the library has no narrower class for it
            raise
        raise ValueError(f"it is not a tokenizer.json ({first_line(error)})") from error
    if dropout := getattr(library.model, "dropout", None):
        raise ValueError(f"it drops merges at random (model.dropout is {dropout:g}, but must be null)")
    library.no_truncation()
    library.no_padding()
    return library


def difference(text: str, back: str) -> str:
    """The first place where the text that came back differs, in words.

    >>> difference("The moon", "the moon")
    "at character 0 the text has 'The moon', but 'the moon' came back"
    """
    place = common_length(text, back)
    shown = slice(place, place + SHOWN)
    return f"at character {place} the text has {text[shown]!r}, but {back[shown]!r} came back"


def usual_size(characters: int) -> int:
    """Entries to learn from ``characters`` of training text: the bytes, and merges growing with its square root.

    The number of word types in a text grows at about that rate (Heaps).

    >>> [usual_size(n) for n in (10_000, 700_000, 3_000_000)]
    [456, 1929, 3720]
    """
    return BYTES + round(2 * math.sqrt(characters))
