"""The columns of the living page, made from the runs of a comparison: rounded, packed, and measured."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.comparison.live_column import Candidate
from toolkit.errors import InputError
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.live import LeftOut, Live, LiveColumn
from toolkit.runs.folder import load_run, load_spec
from toolkit.runs.own_split import cut, own_split
from toolkit.text.corpus import Document
from toolkit.tokenizers.portable import UnportableError, tables

MOST_BYTES = 5_000_000  # of a living page
NO_ROOM = "the page may have 5 MB, and it does not fit even when its weights are rounded as much as they can be"
NO_ROW = "the page reads with the one network of a column’s first seed, as it was trained"
NETWORKS = ("lstm", "gru")  # whose cells the page has
MOST_DIFFERENCE = 0.02  # bits per character, by which rounding may change a column
AROUND, AROUND_EACH = 5_000, 3_000  # bytes around the columns, and around each of them, at most
CHARACTERS = 10_000  # of the held-out text that the rounding is measured on
TEXT_CHARACTERS = 1_000  # at most, of each text that they are cut into
TEXT = "The old house stood at the end of the street."  # where no sample has a prompt


def page(
    comparison: Comparison, folder: Path, held_out: Sequence[Document] | None = None, *, live: bool = False
) -> str:
    """The page of a comparison in a folder; a living one is made from the runs there, which are loaded for it.

    Its columns are measured on the held-out documents, which are read from the runs' corpus where they are not given.
    Raises InputError if one of the runs, or the corpus, is missing.
    """
    from toolkit.report import render

    if not live:
        return render(comparison)
    without_columns = render(comparison, Live(columns=[], left_out=[], text=""))
    taken = len(without_columns.encode()) + AROUND + AROUND_EACH * len(comparison.columns)
    return render(comparison, living(comparison, folder, taken, held_out))


def living(comparison: Comparison, folder: Path, taken: int, held_out: Sequence[Document] | None = None) -> Live:
    """What the living page has of a comparison in a folder, when ``taken`` bytes of it are taken by everything else.

    A column that does not fit, or that the page cannot compute, is left out. Raises InputError if a run, or the corpus,
    is not where the comparison has it.
    """
    candidates, left_out = [], []
    for column, cells in comparison.by_column.items():
        try:
            candidates.append(candidate(cells[0], folder, held_out))
        except UnportableError as error:
            left_out.append(LeftOut(column=column, reason=str(error)))
    left_out += [LeftOut(column=row.title, reason=NO_ROW) for row in comparison.rows]
    fitting = fitted(candidates, MOST_BYTES - taken)
    left_out += [LeftOut(column=c.cell.column, reason=NO_ROOM) for c in candidates if c not in fitting]
    measured = [candidate.measured(levels) for candidate, levels in fitting.items()]
    left_out += [LeftOut(column=c.name, reason=too_coarse(c)) for c in measured if abs(c.rounding) > MOST_DIFFERENCE]
    return Live(
        columns=[column for column in measured if abs(column.rounding) <= MOST_DIFFERENCE],
        left_out=left_out,
        text=example(comparison),
    )


def too_coarse(column: LiveColumn) -> str:
    """Why a column is left out whose rounded weights give other bits."""
    return f"rounded as far as the page has room for, its bits would differ by {abs(column.rounding):.3f} per character"


def fitted(candidates: Sequence[Candidate], most: int) -> dict[Candidate, int]:
    """As many of the candidates as fit into so many bytes, with the levels of each.

    It is always the largest that gets fewer levels; if all have the fewest, the largest is left out.
    """
    from toolkit.network.rounding import LEVELS

    steps = dict.fromkeys(candidates, 0)
    sizes = {candidate: candidate.length(LEVELS[0]) for candidate in candidates}
    while sum(sizes.values()) > most:
        coarser = [candidate for candidate in sizes if steps[candidate] + 1 < len(LEVELS)]
        largest = max(coarser or sizes, key=sizes.__getitem__)
        if not coarser:
            del sizes[largest]
            continue
        steps[largest] += 1
        sizes[largest] = largest.length(LEVELS[steps[largest]])
    return {candidate: LEVELS[steps[candidate]] for candidate in sizes}


def candidate(cell: Cell, folder: Path, held_out: Sequence[Document] | None) -> Candidate:
    """A column's first cell, if the page can compute it; without the held-out documents, these are the run's own.

    Raises UnportableError if it cannot, and InputError if the run or its corpus is not there.
    """
    if not (folder / cell.run).is_dir():
        raise InputError(
            f"A living page is made from the runs, and {folder / cell.run} is not there; "
            f"repeat the comparison, or leave out --live."
        )
    spec = load_spec(folder / cell.run)
    if spec.model not in NETWORKS:
        raise UnportableError(f"its model ({spec.model}) is not one of the networks that this page has")
    if not spec.column.ours:
        raise UnportableError("its tokenizer, or its strategy, is not one of ours")
    run = load_run(folder / cell.run)
    tabled = tables(run.model.tokenizer)
    documents = cut(own_split(run.spec).test if held_out is None else held_out, CHARACTERS)
    return Candidate(cell, run.model, tabled, [text for document in documents for text in texts(document)])


def texts(document: Document) -> list[Document]:
    """The document cut into texts of about the same length; each is read from its own beginning."""
    text = document.text
    size = max(1, -(-len(text) // max(1, -(-len(text) // TEXT_CHARACTERS))))
    return [Document(document.name, text[start : start + size]) for start in range(0, len(text), size)]


def example(comparison: Comparison) -> str:
    """The prompt of the first sample that has one, or a sentence of ours."""
    prompts = (sample.prompt.strip() for written in comparison.generated.values() for sample in written.samples)
    return next(filter(None, prompts), TEXT)
