"""``toolkit.compare`` and ``toolkit.train``: the main job and one cell of it, as plain functions."""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from toolkit.comparison.alone import train_alone
from toolkit.comparison.arguments import Arguments
from toolkit.comparison.compare import compare as compare_columns
from toolkit.comparison.folder import REPORTS
from toolkit.comparison.joining import list_among_reports
from toolkit.comparison.plan import default_folder, folders_beside
from toolkit.comparison.progress import reporting
from toolkit.errors import InputError, whole_number
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import Comparison
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus


def compare(
    tokenizers: str | Sequence[str] = ("char", "word"),
    corpus: str | Path | Corpus = DEFAULT,
    *,
    seeds: int = 1,
    first_seed: int = 0,
    fractions: str | Sequence[float] = (1.0,),
    sweep: str | Sequence[str] = (),
    match: str | None = None,
    split_seed: int = 0,
    folds: int = 1,
    epochs: int | None = None,
    budget: str | float | None = None,
    verify: bool = False,
    adapt: float | None = None,
    more: str | float | None = None,
    rare_max_count: int | None = None,
    rare_max_documents: int | None = None,
    spacy_model: str | None = None,
    language: str | None = None,
    text_column: str | None = None,
    settings: Mapping[str, Any] | str | Path | None = None,
    code: Sequence[str | Path] = (),
    workers: int | None = 1,
    scheduler: str | None = None,
    resources: str | Mapping[str, float] = "",
    out: str | Path | None = None,
    fresh: bool = False,
    tensorboard: bool = False,
    quiet: bool = False,
    command: str | None = None,
) -> Comparison:
    """The comparison of the columns: a model of each is trained, and they are compared by bits of held-out text.

    Its folder gets comparison.json, metrics.csv, contrasts.csv, the page (``Comparison.page``) and a run per cell,
    which ``toolkit.load`` reads. One that was interrupted continues when it is asked for again, and one that is asked
    for with more seeds, columns, fractions or rows goes on in its folder, whose cells stay in it.

    Args:
        tokenizers: Columns, NAME[:STRATEGY][@MODEL] each: a list, or one text with commas. By default char and word,
            or word:unk where the language has no tagger.
        corpus: The name of a corpus, the path of a text or a folder of texts, or a ``Corpus``.
        seeds: How many times each column is trained.
        first_seed: The first seed; the others count up from it.
        fractions: Train on these nested fractions of the training documents, such as "0.1,0.25,0.5,1"; the last is 1.
        sweep: Give a setting of a column several values, such as "columns.bpe.vocabulary_size=256,512,1024": a column
            for each value replaces it. A list has sweeps of several columns.
        match: Make one thing equal for all columns, within 3 %: "params" (parameters without the embedding, by units),
            "flops" (multiply-adds in training, by updates) or "chars" (characters read, by updates).
        split_seed: Chooses the held-out documents.
        folds: Hold out every document once: in so many folds, each of which trains all columns anew, at least five.
            ``Comparison.folds`` has what they say together, of the method and not of one training text. With five, the
            first fold is the split that there is without.
        epochs: Passes over the training text; by default, the recipe decides.
        budget: Time for training each cell, such as "90s" or "5m", or in seconds.
        verify: Whether to compress and decompress the held-out text with every cell.
        adapt: Add rows that keep learning from the held-out text they have paid for, at this rate.
        more: Train the comparison in the folder further, until training is this many times as long in all as it is
            without ``more``: 2, or "2x". Repeated, it goes on to the same end.
        rare_max_count: A word is rare if it occurs at most this often in training (1).
        rare_max_documents: Instead: a word is rare if it occurs in at most this many documents.
        spacy_model: The spaCy model that cuts and tags words; by default the language's: its tokenizer, and for
            tags its small model.
        language: The language, such as "en"; by default the corpus', the spaCy model's, or English.
        text_column: The column with the text in .jsonl, .csv and .parquet files; by default the corpus', or "text".
        settings: Settings, nested as in ``{"network": {"units": 128}}`` or by path as in ``{"network.units": 128}``, or
            the path of a TOML file with them.
        code: Python files that add tokenizers, strategies or measures; what is already registered needs none. Their
            code is fitted in a process without the held-out text; what only this script has registered is fitted in
            this one, which has it, and cannot be verified.
        workers: How many cells are computed at once, each in its own process, which knows ``code`` but nothing that
            only this script has registered. None: one per core, or a single one with a budget.
        scheduler: The address of a Dask scheduler, such as "tcp://127.0.0.1:8786", whose workers compute the cells
            instead; needs the extra ``cluster``. Those that do not see ``out`` under the same path send what they
            make through the scheduler.
        resources: What each cell takes of such a worker, by Dask's names: "GPU=1", or {"GPU": 1}.
        out: The comparison's folder; by default one in ``reports/``, which is another for other settings.
        fresh: Whether to replace the comparison in the folder.
        tensorboard: Whether to write TensorBoard logs of the training, in ``tensorboard/`` beside the runs.
        quiet: Show no progress on standard error.
        command: What the page says it was made by; by default this call.

    A column that fails, because its training diverges, its code raises an error, or its bits are not those that a
    decoder would pay, is a ``FailedCell`` with the reason; the others are compared. ``code`` is trusted: it is run.

    Raises InputError for anything wrong with the arguments, before anything is computed, and VerificationError if
    coding the held-out text disagrees with the bits of a column that is built in.
    """
    arguments = Arguments(
        tokenizers=tokenizers, corpus=corpus, seeds=seeds, first_seed=first_seed, fractions=fractions, sweep=sweep,
        match=match, split_seed=split_seed, folds=folds, epochs=epochs, budget=budget, verify=verify, adapt=adapt,
        more=more, rare_max_count=rare_max_count, rare_max_documents=rare_max_documents, spacy_model=spacy_model,
        language=language, text_column=text_column, settings=settings, code=code, workers=workers, scheduler=scheduler,
        resources=resources, tensorboard=tensorboard,
    )  # fmt: skip
    request = arguments.request(command or call(compare, vars(arguments)))
    folder = default_folder(request) if out is None else Path(out)
    with reporting(quiet=quiet) as reporter:
        beside = folders_beside(request) if out is None else ()
        comparison = compare_columns(request, folder, reporter, fresh=fresh, beside=beside)
    list_among_reports(folder)
    return comparison


def train(
    tokenizer: str,
    corpus: str | Path | Corpus = DEFAULT,
    *,
    seed: int = 0,
    split_seed: int = 0,
    epochs: int | None = None,
    budget: str | float | None = None,
    verify: bool = False,
    rare_max_count: int | None = None,
    rare_max_documents: int | None = None,
    spacy_model: str | None = None,
    language: str | None = None,
    text_column: str | None = None,
    settings: Mapping[str, Any] | str | Path | None = None,
    code: Sequence[str | Path] = (),
    out: str | Path | None = None,
    fresh: bool = False,
    tensorboard: bool = False,
    quiet: bool = False,
    command: str | None = None,
) -> Cell | FailedCell:
    """The cell of one column, trained without a comparison; a ``FailedCell``, with the reason, if training failed.

    Its ``run`` is the path of the run's folder, which ``toolkit.load`` reads: ``out``, or one in ``reports/``.
    ``tokenizer`` is one column and ``seed`` the seed of all random draws in training; the other arguments are those
    of ``compare``. Training that was interrupted continues when it is asked for again, and a finished run stays as it
    is; ``fresh`` replaces either. Raises InputError and VerificationError as ``compare`` does, also if the folder has
    another run.
    """
    whole_number("--seed", seed, 0)
    arguments = Arguments(
        tokenizers=tokenizer, corpus=corpus, first_seed=seed, split_seed=split_seed, epochs=epochs, budget=budget,
        verify=verify, rare_max_count=rare_max_count, rare_max_documents=rare_max_documents, spacy_model=spacy_model,
        language=language, text_column=text_column, settings=settings, code=code, tensorboard=tensorboard,
    )  # fmt: skip
    asked = vars(arguments) | {"tokenizer": tokenizer, "seed": seed}
    request = arguments.request(command or call(train, asked))
    if len(request.columns) > 1:
        raise InputError(f"--tokenizer {tokenizer!r} names several; give only one.")
    name = f"{request.corpus.name}--{request.columns[0].slug}-seed{seed}"
    run = REPORTS / name if out is None else Path(out)
    with reporting(quiet=quiet) as reporter:
        cell = train_alone(request, run, reporter, fresh=fresh)
    return cell.model_copy(update={"run": str(run)})


def call(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """A call of a public function as Python would write it, with those of these values that are not its defaults.

    >>> call(compare, {"tokenizers": ["char"], "corpus": Path("my-novels"), "verify": False, "seeds": 3})
    "toolkit.compare(tokenizers=['char'], corpus='my-novels', seeds=3)"
    """
    defaults = {name: parameter.default for name, parameter in signature(function).parameters.items()}
    given = {name: arguments[name] for name in defaults if name in arguments and arguments[name] != defaults[name]}
    said = [f"{name}={written(value)}" for name, value in given.items()]
    return f"toolkit.{function.__name__}({', '.join(said)})"


def written(value: Any) -> str:
    """An argument as Python writes it: a path as text, a corpus of files as its path."""
    if isinstance(value, Corpus):
        return repr(value.path) if value.path else f"Corpus({value.name!r}, ...)"  # only the caller has its texts
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    return repr(str(value) if isinstance(value, Path) else value)
