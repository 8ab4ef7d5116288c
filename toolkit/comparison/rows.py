"""Rows besides the columns: models made of finished cells, scored without further training."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.comparison.cell import Work
from toolkit.comparison.cell_work import check_decoder
from toolkit.comparison.folder import ROWS
from toolkit.errors import ContractError, InputError, KilledError, OutOfMemoryError, VerificationError
from toolkit.files import too_long, write_file
from toolkit.inference.adapting import RULE
from toolkit.inference.checking import check_sample
from toolkit.inference.mixture import LEARNING_RATE, WEIGHING
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, ledger, score_arrays, scores_of
from toolkit.inference.verification import Decoding
from toolkit.results.bits import Verified
from toolkit.results.cell import Cell
from toolkit.results.conclusions import Warning
from toolkit.results.grouping import grouped
from toolkit.results.rows import MIXTURE, Row, RowKind, row_title
from toolkit.runs.decoding import decoder_of, model_of
from toolkit.runs.folder import fingerprint, load_scores, load_spec, reading, save_scores, saved_state, write_whole
from toolkit.runs.isolated import blamed
from toolkit.text.corpus import characters, utf8_bytes
from toolkit.training.kinds import Neural

ROW, MADE_FROM = "row.json", "made_from.json"
LONGEST_SEEDS = 150  # characters in a name


@dataclass(frozen=True)
class RowSpec:
    """Everything that determines a row, given its cells."""

    column: str
    kind: RowKind
    runs: tuple[str, ...]  # of its cells, in the comparison's folder
    seeds: tuple[int, ...]
    rate: float | None = None

    @property
    def title(self) -> str:
        """Its name in contrasts, whatever its seeds."""
        return row_title(self.column, self.kind)

    @property
    def name(self) -> str:
        """The name of its folder."""
        if self.kind == MIXTURE:  # of any number of columns
            return f"{self.kind}-{self.rate}-{hashlib.sha256(' '.join(self.runs).encode()).hexdigest()[:12]}"
        runs = self.runs[0].rpartition("/")[2].rpartition("-seed")[0]
        seeds = "-".join(map(str, self.seeds))
        if len(seeds) > LONGEST_SEEDS:  # a file system has names of at most 255 bytes
            seeds = f"{len(self.seeds)}-{hashlib.sha256(seeds.encode()).hexdigest()[:12]}"
        kind = self.kind.replace(" ", "-") + ("" if self.rate is None else f"-{self.rate}")
        name = f"{runs}-{kind}-seed{seeds}"
        return f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:12]}" if too_long(name) else name

    @property
    def learns(self) -> bool:
        """Whether its model goes on learning from what it reads."""
        return self.rate is not None

    def made_from(self, out: Path) -> list[str]:
        """What tells its runs from others, even from the same trained again by the clock; how it learns and weighs."""
        rules = [self.rule(out), WEIGHING if self.kind == MIXTURE else None]
        return [*(fingerprint(folder).hex() for folder in self.folders(out)), *(rule for rule in rules if rule)]

    def rule(self, out: Path) -> str | None:
        """The rule by which its networks learn; None if none does."""
        networks = any(isinstance(load_spec(folder).kind(), Neural) for folder in self.folders(out))
        return RULE if self.rate and networks else None

    def decoder(self, out: Path) -> Decoding:
        """What decodes in another process, from the runs in a comparison's folder."""
        return decoder_of(self.folders(out), self.rate)

    def model(self, out: Path) -> Model:
        """Its model, from the runs in a comparison's folder."""
        return model_of(self.folders(out), self.rate)

    def folders(self, out: Path) -> list[Path]:
        """Its runs, in a comparison's folder."""
        return [out / run for run in self.runs]


@dataclass(frozen=True)
class LeftOut:
    """A row that cannot be made this time, and the reason: memory ran out, or a process was killed."""

    spec: RowSpec
    reason: str

    def warning(self) -> Warning:
        """Return the warning about it."""
        return Warning(kind="failed", columns=[self.spec.title], value=self.reason)


def row_specs(cells: Sequence[Cell], rate: float | None) -> list[RowSpec]:
    """The rows that finished cells make: per column the mean of its seeds and, with a rate, models that keep learning.

    A counted column is the same for every seed: its seeds share one row and make no ensemble. It learns by counting
    and ignores the rate, which is recorded all the same. Columns of ``char`` and of ``spaced:unk``, if there are both,
    make a mixture, which keeps learning with or without a rate.
    """
    specs = []
    for column, of_column in grouped(cells, lambda cell: cell.column).items():
        runs, seeds = tuple(cell.run for cell in of_column), tuple(cell.seed for cell in of_column)
        if of_column[0].counted:
            specs += [] if rate is None else [RowSpec(column, "adapting", runs[:1], seeds, rate)]
            continue
        if len(of_column) > 1:
            specs.append(RowSpec(column, "ensemble", runs, seeds))
        if rate is not None:
            specs += [RowSpec(column, "adapting", (c.run,), (c.seed,), rate) for c in of_column]
            if len(of_column) > 1:
                specs.append(RowSpec(column, "adapting ensemble", runs, seeds, rate))
    return specs + mixtures(cells, LEARNING_RATE if rate is None else rate)


def mixtures(cells: Sequence[Cell], rate: float) -> list[RowSpec]:
    """The mixture of all cells with characters and with words that carry the space before them, if there are both.

    Of a column that is counted there is one cell: seeds change nothing.
    """
    first = {cell.column: cell for cell in reversed(cells)}
    once = [cell for cell in cells if not cell.counted or first[cell.column] is cell]
    letters = [cell for cell in once if cell.tokenizer == "char"]
    words = [cell for cell in once if (cell.tokenizer, cell.strategy) == ("spaced", "unk")]
    if not (letters and words):
        return []
    mixed = [*letters, *words]
    column = " + ".join(dict.fromkeys(cell.column for cell in mixed))
    runs, seeds = tuple(cell.run for cell in mixed), tuple(sorted({cell.seed for cell in mixed}))
    return [RowSpec(column, MIXTURE, runs, seeds, rate)]


def row_folder(out: Path, spec: RowSpec) -> Path:
    """The folder of a row in a comparison's folder."""
    return out / ROWS / spec.name


def load_row(out: Path, spec: RowSpec) -> Row | None:
    """The row in a comparison's folder, or None if it is not finished, or was made from other runs.

    Raises InputError if it is damaged, or if its bits are not those of its scores.
    """
    folder = row_folder(out, spec)
    if not ((folder / ROW).is_file() and (folder / MADE_FROM).is_file()):
        return None
    with reading(folder):
        if json.loads((folder / MADE_FROM).read_text("utf-8")) != spec.made_from(out):
            return None
        row = Row.model_validate_json((folder / ROW).read_text("utf-8"))
    scores = scores_of(load_scores(folder))
    if row.bits_per_character != ledger(scores, sum(d.characters for d in row.documents)) or [
        d.bits for d in row.documents
    ] != [s.total for s in scores]:
        raise InputError(f"The row {folder} is damaged: its bits are not those of its scores; remove the folder.")
    return row


def needs_proof(spec: RowSpec, *, verify: bool) -> bool:
    """Whether a coder must confirm the row before it is shown: always if it learns from what it reads."""
    return verify or spec.learns


def compute_row(work: Work, spec: RowSpec) -> Row | LeftOut:
    """The row, computed and saved, and verified if necessary; or why there is none this time.

    Raises VerificationError if coding disagrees with scoring, or the code of one of its columns breaks its contract.
    """
    try:
        with blamed(*(load_spec(folder).column for folder in spec.folders(work.out))):
            return checked_row(work, spec)
    except (KilledError, OutOfMemoryError) as error:
        return LeftOut(spec, str(error))
    except ContractError as error:
        raise VerificationError(f"{spec.name}: {error}") from error


def checked_row(work: Work, spec: RowSpec) -> Row:
    """The row, computed and saved, and verified if necessary."""
    folder = row_folder(work.out, spec)
    proof_needed = needs_proof(spec, verify=work.request.verify)
    row = load_row(work.out, spec)
    if row is None:
        row = new_row(work, spec, folder, proof_needed=proof_needed)
    elif proof_needed and row.verified is None:
        row = proven(work, spec, row)
        write_file(folder / ROW, row.model_dump_json(by_alias=True))
    return row


def new_row(work: Work, spec: RowSpec, folder: Path, *, proof_needed: bool) -> Row:
    """Score the held-out documents; the row's folder appears when it is complete.

    What learns is coded while it is scored, so all its distributions are checked.
    """
    from toolkit.evaluation.evaluator import document_bits, perplexity_per_token
    from toolkit.training.stream import stream

    model, run, test = spec.model(work.out), spec.folders(work.out)[0], work.split.test

    def check(scores: Sequence[DocumentScores]) -> None:
        check_decoder(load_spec(run), saved_state(run), model.tokenizer, test, scores)

    proof: Verified | None = None
    if spec.learns:
        scores, proof = work.scored_with_proof(spec.name, model, spec.decoder(work.out), check)
    else:
        work.reporter.stage(f"{spec.name}: scoring the held-out documents")
        scores = model.score_documents(test)
        check(scores)
        check_sample(model, test, scores, spec.seeds[0])
    tokens = stream(model.tokenizer.vocabulary, [of_document.encoding for of_document in scores]).tokens
    row = Row(
        column=spec.column,
        kind=spec.kind,
        seeds=list(spec.seeds),
        rate=spec.rate,
        rule=spec.rule(work.out),
        bits_per_character=ledger(scores, characters(test)),
        bits_per_byte=sum(of_document.total for of_document in scores) / utf8_bytes(d.text for d in test),
        perplexity_per_token=perplexity_per_token(scores, tokens),
        documents=document_bits(test, scores),
        verified=proof,
    )
    if proof_needed and proof is None:
        row = proven(work, spec, row)

    def write(temporary: Path) -> None:
        save_scores(temporary, score_arrays(scores))
        write_file(temporary / MADE_FROM, json.dumps(spec.made_from(work.out)))
        write_file(temporary / ROW, row.model_dump_json(by_alias=True))

    write_whole(folder, write)
    return row


def proven(work: Work, spec: RowSpec, row: Row) -> Row:
    """The row with its proof: coding and decoding each start from the run folders alone."""
    bits = [document.bits for document in row.documents]
    proof = work.proof(spec.name, spec.model(work.out), spec.decoder(work.out), bits)
    return row.model_copy(update={"verified": proof})
