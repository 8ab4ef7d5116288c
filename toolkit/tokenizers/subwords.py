"""Subwords learned from the training text, bytes, or the tokens of a given tokenizer.json."""

import codecs
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as LibraryTokenizer

from toolkit.errors import InputError, first_line
from toolkit.events.encoding import DOC, Events, Ids, Reserve, Vocabulary, parts_of
from toolkit.results.inspection import Shortfall
from toolkit.spelling.base import UniformSpeller
from toolkit.text.corpus import Document, characters, decode_utf8, ends_with_single_space
from toolkit.text.neutral import goes_on
from toolkit.tokenizers.counting import InParts, with_room

BYTES = 256
MAX_CHARACTER_BYTES = 4  # in UTF-8

_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_OTHERS = sorted(set(range(BYTES)) - set(_PRINTABLE))
BYTE_OF = {chr(byte): byte for byte in _PRINTABLE} | {chr(BYTES + n): byte for n, byte in enumerate(_OTHERS)}
"""The byte of each character of a byte-level token (``bytes_to_unicode`` of Radford et al. 2019)."""

Places = npt.NDArray[np.int64]


class ByteTokens:
    """Tokens that stand for bytes, as the library's byte-level decoder reads them."""

    def __init__(self, json_text: str) -> None:
        """Read a tokenizer.json. Raises ValueError if the library cannot read it, or it is not byte-level."""
        self.json = json_text
        try:
            self._library = LibraryTokenizer.from_str(json_text)
        except Exception as error:  # the library has no narrower class
            raise ValueError(first_line(error)) from error
        is_random = getattr(self._library.model, "dropout", None)
        if is_random or not isinstance(self._library.decoder, decoders.ByteLevel):
            raise ValueError("only byte-level tokens without random merges restore every text")
        self._library.no_truncation()
        self._library.no_padding()
        # By the library's id, its name of the token
        self.names = {id_: token for token, id_ in self._library.get_vocab(with_added_tokens=True).items()}
        self._bytes = {id_: token_bytes(name) for id_, name in self.names.items()}
        self._lengths = np.zeros(max(self._bytes) + 1, np.int64)  # by id
        self._lengths[list(self._bytes)] = list(map(len, self._bytes.values()))

    def restrict(self, ids: Sequence[int]) -> None:
        """Keep these ids, and read the names of special tokens as text. An id that has no name stands for nothing."""
        self._library.encode_special_tokens = True
        self.names = {id_: self.names.get(id_, "") for id_ in ids}
        self._bytes = {id_: self._bytes.get(id_, b"") for id_ in ids}

    def cut(self, text: str) -> tuple[Ids, Places]:
        """Return the ids (n,) of a text and the place (n,) where each ends: a character ends with its last byte."""
        ids = np.array(self._library.encode(text, add_special_tokens=False).ids, np.int32)
        begins = (np.frombuffer(text.encode(), np.uint8) & 0xC0) != 0x80  # (bytes,), false inside a character
        begun = np.append(0, np.cumsum(begins))  # (bytes + 1,), characters that begin within the first n bytes
        complete = begun - np.append(~begins, False)  # without the one that the next byte continues
        return ids, complete[np.minimum(np.cumsum(self._lengths[ids]), len(begins))]

    def text(self, ids: Sequence[int], *, whole: bool) -> str:
        """Return the text of ids, invalid bytes as U+FFFD; unless ``whole``, without an unfinished character."""
        joined = b"".join(map(self._bytes.__getitem__, ids))
        return codecs.getincrementaldecoder("utf-8")("replace").decode(joined, final=whole)

    def after_word(self, id_: int) -> str:
        """Return the first character of an id's bytes; "" if they begin within one.

        An unfinished character counts as the first one, in Unicode's order, that it can become.
        """
        for rest in (b"", b"\x80", b"\x80\x80", b"\xa0\x80", b"\x80\x80\x80", b"\x90\x80\x80"):
            for end in range(1, MAX_CHARACTER_BYTES + 1):
                with suppress(UnicodeDecodeError):
                    return (self._bytes[id_] + rest)[:end].decode()
        return ""


def token_bytes(token: str) -> bytes:
    """Return the bytes of a byte-level token. A token with other characters stands for itself."""
    return bytes(map(BYTE_OF.__getitem__, token)) if set(token) <= BYTE_OF.keys() else token.encode()


OTHER = "other"  # the class of all tokens in the library's vocabulary that never occur in training
OTHER_ID = 1  # its id, if there are any
VOCABULARY_SIZES = range(BYTES, 1_000_001)
FIRST_STAGE = 0.8  # of the merges of ``superbpe``: those within words
UNLEARNED = 0.03  # the library's scores of bytes that it has not learned lie this near to each other
PRIVATE = 0xF0000  # the code point of the first token while tokens are characters
LEARNING: dict[str, Any] = {
    "special_tokens": [],
    "initial_alphabet": pre_tokenizers.ByteLevel.alphabet(),
    "show_progress": False,
}


class Subwords(ABC):
    """A tokenizer of the library ``tokenizers``, with one event per token.

    Id 0 is ``<doc>``, followed by the tokens seen in training, by frequency and then by the library's id. All other
    tokens of the library's vocabulary (unused bytes, parts of longer tokens) are behind id 1, ``<other>``, and a
    uniform choice says which token it is. If all tokens occur in training, there is no ``<other>``. A surface is the
    library's name of a token. With ``has_all_tokens`` every token has an id, and special ones are read as text.
    """

    one_hot: ClassVar[bool] = False
    has_all_tokens: ClassVar[bool] = False
    vocabulary: Vocabulary
    speller: UniformSpeller
    library_ids: list[int]  # of the tokens seen in training

    @abstractmethod
    def library_tokens(self, documents: Sequence[Document]) -> ByteTokens:
        """Return the library's tokens for these training documents."""

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the tokens seen in training. The tokens must restore the documents of ``valid``, too."""
        tokens = self.library_tokens(documents)
        occurrences = InParts.of(documents, (cut(tokens, document)[0] for document in documents))
        for document in valid:
            cut(tokens, document)
        size = max(tokens.names) + 1
        counts = with_room(occurrences.counts[None], size)[0, :size]  # by the library's id
        ranked, seen = np.argsort(-counts, kind="stable").tolist(), int((counts > 0).sum())
        untrained = len(ranked) - seen if self.has_all_tokens else 0
        events = int(counts.sum()) + len(documents)
        return self._set(tokens, ranked[: seen + untrained], occurrences.surprising, events, untrained)

    def _set(
        self, tokens: ByteTokens, seen: Sequence[int], surprises: int, events: int, untrained: int = 0
    ) -> Self:
        """Number the ids, given the library's ids of the tokens seen in training, and the last ones that were not."""
        self._tokens, self.library_ids, self._untrained = tokens, list(seen), untrained
        if self.has_all_tokens:
            tokens.restrict(seen)
        unseen = sorted(tokens.names.keys() - set(seen))
        names = ["<doc>", *([f"<{OTHER}>"] if unseen else []), *(tokens.names[id_] for id_ in seen)]
        self._first = len(names) - len(seen)  # the most frequent token's id
        self._unseen = {tokens.names[id_]: id_ for id_ in unseen}  # by surface
        self._ids = np.full(max(tokens.names) + 1, OTHER_ID, np.int32)  # by the library's id
        self._ids[list(seen)] = np.arange(self._first, len(names))
        trained = np.ones(len(names), bool)
        trained[OTHER_ID : self._first] = False
        trained[len(names) - untrained :] = False
        after_word = [tokens.after_word(id_) for id_ in seen]
        self.vocabulary = Vocabulary(
            tuple(names),
            {OTHER_ID: OTHER} if unseen else {},
            Reserve(trained, surprises, events),
            spelling_part=None,
            ending=np.array([*[True] * self._first, *(text != "" and not goes_on(text) for text in after_word)]),
        )
        self.speller = UniformSpeller(list(self._unseen))
        return self

    @property
    def shortfall(self) -> Shortfall | None:
        """Why fewer tokens have an id than were asked for, or than the given file has; None if all of them have one."""
        seen, unseen = len(self.library_ids), len(self._unseen)
        target = getattr(self, "vocabulary_size", seen + unseen)
        return None if target in (None, seen) else Shortfall(target=target, seen=seen, unseen=unseen)

    def encode(self, document: Document) -> Events:
        """Return one event per token, then ``<doc>``. Raises InputError if the tokens do not restore the document."""
        text, (library_ids, ends) = document.text, cut(self._tokens, document)
        ids = np.append(self._ids[library_ids], np.int32(DOC))
        all_ends = np.append(ends, len(text)).astype(np.int32)
        hidden = np.flatnonzero(ids == OTHER_ID) if self._unseen else ()
        surfaces = {int(i): self._tokens.names[int(library_ids[i])] for i in hidden}
        return Events.of(ids, all_ends, parts_of(text, all_ends), surfaces)

    def prompt(self, text: str) -> Events:
        """Return the events of the text without a single space at its end, which the next word's token has."""
        return self.encode(Document("prompt", text[:-1] if ends_with_single_space(text) else text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """Return the text of the tokens, without an unfinished character at the end unless ``<doc>`` follows it."""
        library_ids = [
            self._unseen[surfaces[i]] if id_ in self.vocabulary.spelled else self.library_ids[id_ - self._first]
            for i, id_ in enumerate(ids)
            if id_ != DOC
        ]
        return self._tokens.text(library_ids, whole=len(ids) > 0 and ids[-1] == DOC)

    def fill(self, word_class: str, rng: np.random.Generator) -> str:  # noqa: ARG002
        """Raise InputError: ``<other>`` never occurs in training."""
        raise InputError(f"Training has no token of the class {word_class!r}.")

    def state(self) -> dict[str, Any]:
        """Return the tokenizer.json, the library's ids in the order of the ids, and the surprises."""
        reserve = self.vocabulary.reserve
        counts = {"surprises": reserve.surprises, "events": reserve.events, "untrained": self._untrained}
        return {"tokenizer": self._tokens.json, "seen": self.library_ids, **counts}

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned."""
        counts = (state[name] for name in ("surprises", "events", "untrained"))
        return self._set(ByteTokens(state["tokenizer"]), state["seen"], *counts)


class Bytes(Subwords):
    """The tokenizer ``bytes``: the 256 bytes of UTF-8, which the network reads one-hot. No text needs an escape."""

    one_hot: ClassVar[bool] = True
    has_all_tokens: ClassVar[bool] = True

    def library_tokens(self, documents: Sequence[Document]) -> ByteTokens:  # noqa: ARG002 - none are learned
        """Return the bytes."""
        return ByteTokens(byte_level(models.BPE(BYTE_OF, [])).to_str())


class LearnedSubwords(Subwords):
    """Subwords learned from the training text, up to ``vocabulary_size`` with the 256 bytes.

    By default the size grows with the square root of the text, as the number of word types does (Heaps).
    """

    def __init__(self, *, vocabulary_size: int | None = None) -> None:
        if vocabulary_size is not None and vocabulary_size not in VOCABULARY_SIZES:
            sizes = f"{BYTES} (the bytes alone) to {VOCABULARY_SIZES[-1]:,}"
            raise InputError(f"vocabulary_size is {vocabulary_size!r}. Give a whole number from {sizes}.")
        self.vocabulary_size = vocabulary_size

    @abstractmethod
    def learned(self, texts: Sequence[str], size: int) -> LibraryTokenizer:
        """Return the library's tokenizer with at most ``size`` tokens learned from the texts."""

    def library_tokens(self, documents: Sequence[Document]) -> ByteTokens:
        """Return the tokens learned from the documents."""
        size = self.vocabulary_size or BYTES + round(2 * math.sqrt(characters(documents)))
        return ByteTokens(self.learned([document.text for document in documents], size).to_str())


class BytePairs(LearnedSubwords):
    """The tokenizer ``bpe``: byte pairs.

    It is byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019). A pair is merged if it occurs at
    least twice in training, within the words cut by GPT-2's pattern, which include the space before them.
    """

    def learned(self, texts: Sequence[str], size: int) -> LibraryTokenizer:
        """Return byte pairs within words."""
        library = byte_level(models.BPE())
        library.train_from_iterator(texts, trainers.BpeTrainer(**LEARNING, vocab_size=size, min_frequency=2))
        return library


class Unigram(LearnedSubwords):
    """The tokenizer ``unigram``: the likeliest pieces under a unigram model of them.

    It is SentencePiece's model (Kudo 2018) on bytes, within the words of ``bpe``. Pieces are learned by expectation
    maximisation, and a text is cut into the pieces with the highest probability together. The library goes through
    words and bytes in a random order. So scores are rounded, and all bytes that it has not learned get the same score.
    """

    def learned(self, texts: Sequence[str], size: int) -> LibraryTokenizer:
        """Return pieces of words."""
        library = byte_level(models.Unigram())
        library.train_from_iterator(texts, trainers.UnigramTrainer(**LEARNING, vocab_size=size))
        scores = dict(json.loads(library.to_str())["model"]["vocab"])
        floor = min(scores.values()) + UNLEARNED
        pieces = [(piece, round(max(score, floor), 3)) for piece, score in scores.items()]
        library.model = models.Unigram(sorted(pieces, key=lambda piece: (-piece[1], piece[0])))
        return library


class SuperBytePairs(BytePairs):
    """The tokenizer ``superbpe``: byte pairs whose second stage merges across spaces (Liu et al. 2025).

    The first stage learns FIRST_STAGE of the merges, within words. The second one merges its tokens within lines.
    """

    def learned(self, texts: Sequence[str], size: int) -> LibraryTokenizer:
        """Return byte pairs within lines."""
        library = super().learned(texts, BYTES + round(FIRST_STAGE * (size - BYTES)))
        in_lines = [pre_tokenizers.Split(Regex(r"\n+"), "isolated"), words_of_bytes(use_regex=False)]
        library.pre_tokenizer = pre_tokenizers.Sequence(in_lines)
        names = {chr(PRIVATE + id_): token for token, id_ in library.get_vocab().items()}
        cut_lines = (line for text in texts for line in library.encode_batch(text.split("\n")))
        as_characters = ("".join(chr(PRIVATE + id_) for id_ in line.ids) for line in cut_lines)
        second, learning = LibraryTokenizer(models.BPE()), LEARNING | {"initial_alphabet": list(names)}
        second.train_from_iterator(
            as_characters, trainers.BpeTrainer(**learning, vocab_size=size, min_frequency=2)
        )
        first_model, second_model = (json.loads(tokens.to_str())["model"] for tokens in (library, second))
        vocabulary, merges = first_model["vocab"], list(map(tuple, first_model["merges"]))
        for pair in second_model["merges"]:
            left, right = ("".join(map(names.__getitem__, part)) for part in pair)
            merges.append((left, right))
            vocabulary.setdefault(left + right, len(vocabulary))
        library.model = models.BPE(vocabulary, merges)
        return library


def words_of_bytes(**options: bool) -> pre_tokenizers.ByteLevel:
    """Return what turns a text into characters that stand for its bytes, cut by GPT-2's pattern."""
    return pre_tokenizers.ByteLevel(add_prefix_space=False, **options)


def byte_level(model: models.Model) -> LibraryTokenizer:
    """Return the library's tokenizer of a model whose characters stand for bytes, within words."""
    library = LibraryTokenizer(model)
    library.pre_tokenizer, library.decoder = words_of_bytes(), decoders.ByteLevel()
    return library


class GivenTokenizer(Subwords):
    """The tokenizer ``hf:PATH``: the tokens of a given tokenizer.json.

    No special tokens are added and nothing is truncated or padded. A run saves all of the file. The tokens must restore
    every text of the corpus. Byte-level tokens without normalisation do.
    """

    takes_file: ClassVar[bool] = True
    inside: ClassVar[Sequence[str]] = ()  # the file's path in the folder ``path``

    def __init__(self, *, path: str | None = None) -> None:
        self.path = path

    def check(self) -> None:
        """Raise InputError if no file is given or it is not a tokenizer.json."""
        self.library_tokens(())

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError for the first document that the tokens do not restore."""
        tokens = self.library_tokens(())
        for document in (*training, *held_out):
            cut(tokens, document)

    def library_tokens(self, documents: Sequence[Document]) -> ByteTokens:  # noqa: ARG002 - given, not learned
        """Return the tokens of the file. Raises InputError if none is given or it is not a tokenizer.json."""
        if not self.path:
            raise InputError(
                "A path is missing. Write hf:PATH of a tokenizer.json, or lm:PATH of a model's folder."
            )
        file = Path(self.path, *self.inside)
        text = decode_utf8(file.read_bytes(), str(file))
        try:
            return ByteTokens(text)
        except ValueError as error:
            raise InputError(f"{file} is not a usable tokenizer.json: {first_line(error)}.") from error


def cut(tokens: ByteTokens, document: Document) -> tuple[Ids, Places]:
    """Return the library's ids (n,) of a document and their ends (n,).

    Raises InputError if the tokens do not restore the document.
    """
    ids, ends = tokens.cut(document.text)
    if tokens.text(ids.tolist(), whole=True) != document.text:
        raise InputError(
            f"The tokens do not restore the document {document.name!r}. Give a tokenizer.json without normalisation."
        )
    return ids, ends
