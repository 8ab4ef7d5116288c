"""``--match``: one resource is made equal for all columns (within 3 %), by settings that single columns get.

- ``params``: parameters without the embedding, by ``network.units``.
- ``flops``: multiply–adds in all training, gradients included, by ``train.updates``; not with ``network.cutoff``, with
  which training takes fewer than are counted.
- ``chars``: characters read in training, by ``train.updates``: a window is a whole number of tokens, which is not the
  same number of characters for all, and a column that stops early reads fewer.

Columns get as much as the one that has the most with the comparison's settings: none is given less than those would
give it. With all but ``params``, training does not stop early (``train.patience``); the weights are those of the best
check as always. Whether the amounts came out equal is seen from the finished cells (``resources.warnings``).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.comparison.folder import COMPARISON, MATCHING
from toolkit.comparison.request import Request
from toolkit.comparison.trainee import Trainee, units_for
from toolkit.comparison.work import Fitted, Work
from toolkit.config import LENGTH_OPTIONS, LENGTHS, first_difference, flat, merged
from toolkit.errors import PASSING, ContractError, InputError, KilledError, OutOfMemoryError, misfit
from toolkit.files import write_file
from toolkit.network.sizes import GATES
from toolkit.results.cell import Match
from toolkit.results.resources import BY_LENGTH, OF_MATCH
from toolkit.runs.columns import Column
from toolkit.runs.isolated import blamed
from toolkit.runs.spec import CellSpec
from toolkit.training.recipes import is_short

DECIDED: Mapping[Match, Sequence[str]] = {  # the settings that no column may have a value of its own for
    "params": ("network.units", "network.embedding"),
    **dict.fromkeys(BY_LENGTH, (*(f"train.{name}" for name in LENGTHS), "train.patience")),
}
EXCLUDED = ("train.budget_seconds", "train.patience")  # not allowed for the whole comparison, if match is in BY_LENGTH


@dataclass(frozen=True)
class Matching:
    """The settings by column that make a resource equal, and what was decided, in sentences.

    A column without settings is left out, for a reason. ``fitted`` are the tokenizers that had to be fitted for it.
    """

    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    note: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    fitted: Mapping[str, Fitted] = field(default_factory=dict)

    def covers(self, request: Request, match: Match) -> bool:
        """Whether it was decided for all columns of the request."""
        specs = [request.spec(column, request.seeds[0]) for column in request.columns]
        decided = {*self.settings, *self.left_out}
        return all(spec.column.name in decided or unmatchable(spec, match) for spec in specs)

    def applied(self, request: Request) -> Request:
        """The request with these settings. Its recipe stays: no length that was decided may choose another one."""
        columns = [
            replace(column, settings=merged(dict(column.settings), dict(self.settings.get(column.name, {}))))
            for column in request.columns
        ]
        given = merged(request.overrides, {"recipe": request.settings.recipe})
        short = is_short(request.settings.train) if request.match in BY_LENGTH else request.short
        return replace(request, columns=columns, given=given, short=short)


def parse_match(match: str | None) -> Match | None:
    """What is to be made equal. Raises InputError for anything else.

    >>> parse_match("flops")
    'flops'
    """
    if match is None:
        return None
    known = next((name for name in DECIDED if name == match), None)
    if known is None:
        raise InputError(f"--match {match!r} is not among {', '.join(DECIDED)}; give one of them, or leave it out.")
    return known


def refuse_conflicts(match: Match, given: Mapping[str, Any], columns: Sequence[Column]) -> None:
    """Raise InputError if settings decide what ``--match`` has to decide, or fewer than two columns have networks."""
    for name in EXCLUDED if match in BY_LENGTH else ():
        if flat(dict(given)).get(name) is not None:
            option = LENGTH_OPTIONS.get(name.removeprefix("train."))
            too = f"{name} ({option})" if option else name
            raise InputError(
                f"--match {match} decides how long columns are trained, and so does {too}; give only one of them."
            )
    for column in columns:
        for name in DECIDED[match]:
            if flat(dict(column.settings)).get(name) is not None:
                raise InputError(
                    f"--match {match} decides {name} for every column, but the column {column.name!r} sets it; give "
                    f"only one of them."
                )
    networks = [column for column in columns if column.is_network]
    if len(networks) < 2:
        raise InputError(
            f"--match {match} makes something equal for the networks of several columns, but there "
            f"{'is only one' if networks else 'are none'}; give two columns with networks, or leave it out."
        )


def matching_for(request: Request, match: Match, work: Work) -> Matching:
    """The settings for the request, from its folder, or decided now and written there.

    Raises InputError if fewer than two columns can be matched, or if more columns would change what others were given.
    """
    file = work.out / MATCHING
    before = read(file) if file.is_file() else Matching()
    if file.is_file() and before.covers(request, match):
        return before
    matching = new_matching(request, match, work)
    refuse_changes(before, matching, match, work.out)
    kept = {"settings": matching.settings, "note": matching.note, "left_out": matching.left_out}
    write_file(file, json.dumps(kept, indent=1))
    return matching


def refuse_changes(before: Matching, now: Matching, match: Match, folder: Path) -> None:
    """Raise InputError, naming the first change, if columns would be given something else than before."""
    still = {name: now.settings.get(name, {}) for name in before.settings}
    if differs := first_difference(dict(before.settings), still):
        raise InputError(
            f"--match {match} would give the columns in {folder} something else if there were more of them: {differs}; "
            f"choose another folder with --out, or replace it with --fresh."
        )


def read(file: Path) -> Matching:
    """What was decided before. Raises InputError if it cannot be read."""
    try:
        kept = json.loads(file.read_text("utf-8"))
        return Matching(kept["settings"], kept["note"], kept["left_out"])
    except (ValueError, TypeError, LookupError) as error:
        raise misfit(file, error, COMPARISON.if_damaged) from error


def new_matching(request: Request, match: Match, work: Work) -> Matching:
    """The settings for the request, after its tokenizers are fitted.

    Raises InputError if too few can be matched, or if memory ran out for one: it may be there the next time.
    """
    left_out: dict[str, str] = {}
    fitted: dict[str, Fitted] = {}
    trainees: list[Trainee] = []
    for column in request.columns:
        spec = request.spec(column, request.seeds[0])
        if reason := unmatchable(spec, match):
            left_out[column.name] = reason
            continue
        fitted[column.name] = work.fitted(spec)
        trainee = trainee_of(spec, fitted[column.name], work)
        if trainee is None:
            left_out[column.name] = "its tokenizer fails"
        elif match == "flops" and trainee.cutoff is not None:
            left_out[column.name] = "with network.cutoff, training takes fewer multiply–adds than are counted"
        else:
            trainees.append(trainee)
    if len(trainees) < 2:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise InputError(f"--match {match} can be applied to fewer than two columns ({reasons}); leave it out.")
    work.reporter.stage(f"--match {match}: how much each column is to be given")
    settings, note = decided(match, trainees)
    notes = [note, *(f"{name} is left out: {reason}." for name, reason in left_out.items())]
    return Matching(settings, " ".join(notes), left_out, fitted)


def trainee_of(spec: CellSpec, fitted: Fitted, work: Work) -> Trainee | None:
    """The cell with what its training reads, or None if its tokenizer fails, as it will again when it is trained.

    Raises InputError, naming the column, if memory ran out for it or its process was killed.
    """
    failed = fitted.failed
    if not failed:
        try:
            with blamed(spec.column):
                tokenizer = work.request.tokenizer(spec.column).restore(fitted.state)
                return Trainee(spec, tokenizer, work.encoded(spec, fitted.state))
        except (ContractError, KilledError, OutOfMemoryError) as error:
            failed = str(error)
    if failed in PASSING:
        raise InputError(f"--match {work.request.match} cannot be decided without {spec.column.name}: {failed}.")
    return None


def unmatchable(spec: CellSpec, match: Match) -> str:
    """Why a cell cannot be matched; nothing if it can."""
    if not spec.column.is_network:
        return f"the model {spec.model!r} is no network that is trained for a number of updates"
    if match in ("params", "flops") and spec.model not in GATES:
        return f"the size of the network {spec.model!r} is not known before it is built"
    return ""


Decision = tuple[dict[str, dict[str, Any]], str]  # settings by column, and what was decided


def decided(match: Match, trainees: Sequence[Trainee]) -> Decision:
    """The settings that make this equal for all columns, and the sentence about them."""
    match match:
        case "params":
            return by_units(trainees)
        case "flops":
            return by_updates(match, trainees, lambda trainee: trainee.multiply_adds_per_update)
        case "chars":
            return by_updates(match, trainees, lambda trainee: trainee.characters_per_update)


def by_units(trainees: Sequence[Trainee]) -> Decision:
    """Units with which each network has as many parameters without the embedding as the largest one."""
    most = max(trainees, key=lambda trainee: trainee.size().other_parameters)
    target = most.size().other_parameters
    units = {t.name: units_for(target, lambda u, t=t: t.size(u).other_parameters) for t in trainees}  # type: ignore[misc]
    settings = {t.name: t.with_units(units[t.name]) for t in trainees}
    return settings, said("params", target, most, units, "units")


def by_updates(match: Match, trainees: Sequence[Trainee], per_update: Callable[[Trainee], float]) -> Decision:
    """Updates that take as much of what an update takes as the training that takes the most."""
    amounts = {t.name: t.windows.updates * per_update(t) for t in trainees}
    most = max(trainees, key=lambda trainee: amounts[trainee.name])
    target = amounts[most.name]
    updates = {t.name: round(target / per_update(t)) for t in trainees}
    settings = {t.name: t.with_updates(updates[t.name]) for t in trainees}
    return settings, said(match, target, most, updates, "updates")


def said(match: Match, target: float, most: Trainee, chosen: Mapping[str, int], unit: str) -> str:
    """What was decided, in a sentence."""
    each = ", ".join(f"{name} {number:,}" for name, number in chosen.items())
    return (
        f"--match {match} gives every column as many {OF_MATCH[match].label} as {most.name} has with the comparison's "
        f"settings, {target:,.0f}, by its number of {unit}: {each}."
    )
