"""``toolkit.inspect``: an answer before training, as a plain function."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.comparison.arguments import Arguments
from toolkit.comparison.default_folder import REPORTS
from toolkit.comparison.library import call
from toolkit.comparison.progress import reporting
from toolkit.inspection.inspection import inspect as inspect_corpus
from toolkit.results.inspection import Inspection
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus


def inspect(
    corpus: str | Path | Corpus = DEFAULT,
    tokenizers: str | Sequence[str] = ("char", "word"),
    *,
    split_seed: int = 0,
    rare_max_count: int | None = None,
    rare_max_documents: int | None = None,
    spacy_model: str | None = None,
    language: str | None = None,
    text_column: str | None = None,
    settings: Mapping[str, Any] | str | Path | None = None,
    code: Sequence[str | Path] = (),
    out: str | Path | None = None,
    quiet: bool = False,
    command: str | None = None,
) -> Inspection:
    """What the corpus and the columns say before anything is trained: coverage, forecasts, sizes, costs and a floor.

    The arguments are those of ``compare``. The folder ``out``, by default one in ``reports/``, gets inspect.json and
    the page (``Inspection.page``); those of an earlier inspection are replaced. Networks are trained for a second each
    to measure what training takes; nothing of them is kept.

    Raises InputError for anything wrong with the arguments, before anything is computed, and ContractError if the code
    of someone else's column fails.
    """
    arguments = Arguments(
        corpus=corpus, tokenizers=tokenizers, split_seed=split_seed, rare_max_count=rare_max_count,
        rare_max_documents=rare_max_documents, spacy_model=spacy_model, language=language, text_column=text_column,
        settings=settings, code=code,
    )  # fmt: skip
    request = arguments.request(command or call(inspect, vars(arguments)))
    folder = REPORTS / f"{request.corpus.name}--inspect" if out is None else Path(out)
    with reporting(quiet=quiet) as reporter:
        return inspect_corpus(request, folder, reporter)
