"""The tasks of the processes that hold models. Each gets its run, a request, and a function for its reports."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from toolkit.config import Temperature
from toolkit.errors import MAX_SEED, InputError
from toolkit.inspection import cutting
from toolkit.results.record import Record
from toolkit.runs.folder import load, load_spec, saved_state
from toolkit.runs.process import Report
from toolkit.text.corpus import Document, canonical

MAX_CHARACTERS, MAX_LENGTH = 5_000, 2_000  # of a text to read or to continue, and of a text to write
Fields = dict[str, Any]  # of a JSON object


class Ask(Record):
    """A request to a model: a text to read, to cut or to continue, and how to continue it."""

    model: str
    text: Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(canonical)]
    length: Annotated[int, Field(ge=1, le=MAX_LENGTH)] = 500
    temperature: Temperature = 0.8
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0


def read(run: Path, ask: Ask, _report: Report) -> Fields:
    """Return what a model pays and expects at each token of a text (``cutting.read``)."""
    return cutting.read(latest(load, run), Document("the text", ask.text))


def write(run: Path, ask: Ask, report: Report) -> Fields:
    """Report a continuation of a text while it grows."""
    draw = {"seed": ask.seed, "temperature": ask.temperature}
    latest(load, run).generate(ask.text, ask.length, **draw, report=lambda texts: report({"text": texts[0]}))
    return {"characters": ask.length}


def cut(runs: Mapping[str, Path], ask: Ask, report: Report) -> Fields:
    """Report the tokens of a text under the tokenizer of each run, by column, or why the tokenizer rejects it."""
    document = Document("the text", ask.text)
    for column, run in runs.items():
        try:
            tokenizer = load_spec(run).make_tokenizer().restore(saved_state(run))
            tokens = cutting.tokens(ask.text, tokenizer.encode(document), tokenizer.vocabulary)
            report({"column": column, "vocabulary_size": len(tokenizer.vocabulary), "tokens": tokens})
        except InputError as error:
            report({"column": column, "rejection": str(error)})
    return {"characters": document.characters}


def latest(load_path: Callable[[Path], Any], path: Path) -> Any:
    """Return the result of loading a file or a folder. It is loaded again only after a change."""
    return _loaded(load_path, path, path.stat().st_mtime)


@lru_cache(maxsize=512)
def _loaded(load_path: Callable[[Path], Any], path: Path, _changed: float) -> Any:
    return load_path(path)
