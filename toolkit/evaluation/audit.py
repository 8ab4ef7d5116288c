"""``toolkit.audit``: whether the log of any program charges a corpus for each token, once, and whether a claim follows.

Where the next token is not the next text, the log may lack text, or repeat tokens of an overlapping window. So the
tokens from there on are searched for in both directions.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, pairwise
from operator import itemgetter
from os.path import commonprefix
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from toolkit.config import typed
from toolkit.errors import InputError, first_line
from toolkit.results.audit import Audit, ClaimUnit, Finding, Mistake
from toolkit.results.record import grouped
from toolkit.results.text import plural
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Corpus
from toolkit.text.neutral import words
from toolkit.text.sources import checked, jsonl_rows

SPECIAL = re.compile(r"[<\[].*[>\]]|", re.DOTALL)  # <s>, [SEP], or a token without text
START, FIRST, TEXT, AGAIN, END, FREE, SKIPPED = "SFTAE0N"  # kinds of tokens; SKIPPED is free text
PAID = (START, FIRST, TEXT, END)
PROBES = range(40, 8, -4)  # characters that are searched for; windows may be short
MAX_MISSING = 100  # characters of a token that the log lacks
TOLERANCE = 1e-6  # relative, of a claim with many digits: programs add up in single precision
STANDARD_ERRORS = 4.0  # by which costs are correlated better with the frequencies of neighbours
TWICE = 2.0  # a model that is no better costs less than twice as much as frequencies, or hardly varies
SIZES: dict[str, Callable[[str], int]] = {
    "character": len,
    "byte": lambda text: len(text.encode()),
    "word": lambda text: len(words(text)),
    "token": lambda _: 1,
}
UNITS: dict[ClaimUnit, str] = {"bpc": "character", "bpb": "byte", "ppl": "token"}
DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


class Token(BaseModel):
    """A token of a log, with its kind and its place in the text."""

    document: str
    token: str
    logprob: float | None = None
    kind: str = TEXT
    place: int = 0
    after_gap: bool = False

    @property
    def bits(self) -> float:
        """Its cost."""
        return -(self.logprob or 0.0) / math.log(2)


def read_log(path: Path) -> list[Token]:
    """Return the lines of a log. Raises InputError if it cannot be read."""
    tokens = list[Token]()
    try:
        for row in jsonl_rows(path, ""):
            tokens.append(Token.model_validate(row))
    except InputError:
        raise
    except ValueError as error:
        raise InputError(
            f"{path} cannot be read after row {len(tokens):,}: {first_line(error)}. Give document, token and logprob."
        ) from error
    return tokens


def placed(text: str, tokens: Sequence[Token]) -> Iterator[tuple[Mistake, int]]:
    """Place the tokens of a document in its text. Yield mistakes with their places."""
    place, reach, wrong, last = 0, -1, 0, len(tokens)
    while last and SPECIAL.fullmatch(tokens[last - 1].token):
        last -= 1
    for i, token in enumerate(tokens):
        if place == len(text) or not text.startswith(token.token, place):
            if i >= last or (reach < 0 and SPECIAL.fullmatch(token.token)):
                token.kind, token.place, token.token = START if reach < 0 else END, place, ""
                continue
            same = commonprefix([token.token, text[place : place + len(token.token)]])  # noqa: RUF071 - of texts
            wrong = wrong or place + len(same)
            following = "".join(token.token for token in tokens[i : min(last, i + max(PROBES))])
            resumed = resumption(text, place, following) if place >= reach else -1
            if resumed < 0:
                yield "text", wrong
                return
            token.after_gap = resumed > place
            start = place = resumed
            for k in range(i - 1, -1, -1):  # the first repeated tokens may have been the next text, too
                if token.after_gap or tokens[k].kind != TEXT or not text.endswith(tokens[k].token, 0, start):
                    break
                start, reach = start - len(tokens[k].token), reach - len(tokens[k].token)
                tokens[k].kind, tokens[k].place = AGAIN, start
        token.kind, token.place = FIRST if reach < 0 else AGAIN if place < reach else TEXT, place
        place += len(token.token)
        reach = max(reach, place)
    if place < reach:
        yield "text", wrong
    elif place < len(text):
        yield "cut_off", place
    elif not any(token.kind == END and token.logprob for token in tokens):
        yield "special_free", place
    yield from (("counted_twice", token.place) for token in tokens if token.kind == AGAIN)


def resumption(text: str, place: int, following: str) -> int:
    """Return where the following tokens are in a text: soon after a place, or anywhere before it; -1 if nowhere."""
    for probe in (following[:length] for length in PROBES):
        ahead = text.find(probe, place, place + MAX_MISSING)
        found = text.rfind(probe, 0, place + len(probe) - 1) if ahead < 0 else ahead
        if found >= 0:
            return found
    return -1


def freed(tokens: Sequence[Token]) -> Iterator[tuple[Mistake, Token]]:
    """Find tokens that cost nothing. Yield those that should, and tokens behind missing text."""
    firsts = {i for i, token in enumerate(tokens) if token.kind == FIRST}
    for token in tokens:
        if not -math.inf < (token.logprob or 0.0) <= 0:
            yield "probability", token
            token.kind, token.logprob = SKIPPED, None
        elif token.kind in (START, END) and not token.logprob:
            token.kind = FREE
    texts = [i for i, token in enumerate(tokens) if token.kind in (FIRST, TEXT)]
    free, behind = ([i for i in texts if not tokens[i].logprob], [i for i in texts if tokens[i].after_gap])
    windows = skipped(free, firsts, len(tokens))
    for i in free:
        if windows or i in firsts or tokens[i].logprob is None:
            yield "first_token" if windows or i in firsts else "probability", tokens[i]
            tokens[i].kind = SKIPPED
    code: Mistake = "first_token" if skipped(behind, firsts, len(tokens)) else "text"
    yield from ((code, tokens[i]) for i in behind)


def skipped(tokens: Sequence[int], firsts: Set[int], length: int) -> bool:
    """Return whether tokens are the first ones of a log's documents, or also of windows, most of one length."""
    inner = {*tokens} - firsts
    pairs = {*pairwise(sorted({*tokens, *firsts})), *pairwise(tokens)}
    windows = Counter(b - a for a, b in pairs if b in inner)
    least = 1 + (len(inner) == len(tokens))
    return not inner or any(n >= least and 2 * n * window >= length for window, n in windows.items())


def shifted(tokens: Sequence[Token]) -> bool:
    """Return whether bits fit the frequencies of neighbours better than those of their tokens, or neither."""
    counts = Counter(token.token for token in tokens)
    if len(counts) < 2:
        return False
    others = np.array([counts[token.token] for token in tokens]) - 0.5  # without this one, plus 1/2
    own = -np.log2(others / (len(tokens) - 1 + len(counts) / 2))
    bits = np.array([token.bits for token in tokens])
    with np.errstate(all="ignore"):  # constants are not correlated
        here, *beside = (np.corrcoef(np.roll(bits, by), own)[0, 1] for by in (0, 1, -1))
    dear = bits.mean() > TWICE * own.mean() and bits.std() > own.std() / TWICE
    return bool(dear or max(beside) > here + STANDARD_ERRORS / math.sqrt(len(tokens)))


def mistakes(
    texts: Mapping[str, str], logged: Mapping[str, Sequence[Token]]
) -> Iterator[tuple[Mistake, str, int]]:
    """Place the tokens of a log in the texts of its documents. Yield mistakes, with a document and a place each."""
    for name in logged:
        yield from ((code, name, place) for code, place in placed(texts[name], logged[name]))
    tokens = [*chain(*logged.values())]
    yield from ((code, token.document, token.place) for code, token in freed(tokens))
    if shifted([token for token in tokens if token.kind in (FIRST, TEXT)]):
        yield from (("shifted", name, 0) for name in logged)
    yield from (("missing_document", name, 0) for name in texts if name not in logged)


def numbers(tokens: Iterable[Token], texts: Iterable[str], unit: ClaimUnit) -> Iterator[tuple[Mistake, float]]:
    """Yield the log's number, which it calls "claim", and then the numbers that mistakes lead to."""
    size, bits, sizes = SIZES[UNITS[unit]], Counter[str](), Counter[str]()
    for token in tokens:
        bits[token.kind] += token.bits  # type: ignore[assignment]
        sizes[token.kind] += size(token.token)
    if unit != "ppl":  # also text that has no tokens
        sizes[SKIPPED] = sum(map(size, texts)) - sizes[FIRST] - sizes[TEXT]
    for code, of_code in DATA["numbers"].items():
        for paid, units, *factor in of_code:
            number = max(1, sum(sizes[kind] for kind in units))
            rate = sum(bits[kind] for kind in paid) / number * math.prod(factor)
            yield code, float(np.exp2(rate)) if unit == "ppl" else rate


def explanation(
    claim: str, right: float, others: Iterable[tuple[Mistake, float]], found: Set[Mistake]
) -> tuple[Mistake, float] | None:
    """Return what a wrong claim comes from, but for rounding, and its number: a mistake, or else "claim".

    A mistake that was found in the log comes first, and then the nearest one.
    """
    value, decimals = float(claim), len(claim.partition(".")[2])
    tolerance = max(0.5 * 10.0**-decimals, TOLERANCE * value) * (1 + TOLERANCE)
    if abs(right - value) <= tolerance:
        return None
    near = [(code not in found, abs(n - value), code, n) for code, n in others if abs(n - value) <= tolerance]
    return min(near)[2:] if near else ("claim", right)


@typed
def audit(
    log: str | Path, corpus: str | Path | Corpus, claim: float | str | None = None, unit: ClaimUnit = "bpc"
) -> Audit:
    """Audit a log of any program: what its tokens cost, and what is wrong with it or with a claim.

    Args:
        log: A .jsonl file. Each line has a document, a token (its text) and its logprob (natural). Tokens such as
            ``<s>`` may stand before and behind the text of a document.
        corpus: A name, a path or a corpus. If it prescribes a test part, the log is about that.
        claim: The number that the log is said to lead to. A string keeps its digits: "1.930".
        unit: Bits per character ("bpc") or byte ("bpb"), or perplexity per token ("ppl").

    Raises:
        InputError: The log cannot be read or has no document of the corpus, or the claim is no number.
    """
    if claim is not None and not re.fullmatch(r"\d*\.?\d+", str(claim)):
        raise InputError(f"The claim is {claim!r}. Give a number such as 1.93.")
    whole = checked(corpus) if isinstance(corpus, Corpus) else find_corpus(str(corpus))
    texts = dict[str, str]()
    for document in whole.given.test if whole.given else whole.documents:  # parts of one follow each other
        texts[document.whole] = texts.get(document.whole, "") + document.text
    logged = grouped(read_log(Path(log)), lambda token: token.document)
    strangers = {name: logged.pop(name) for name in [*logged] if name not in texts}
    if not logged:
        raise InputError(
            f"{log} has no document of {whole.name}. Name documents as the corpus does: {next(iter(texts))!r}."
        )
    places = [*mistakes(texts, logged), *(("unknown_document", name, 0) for name in strangers)]
    findings = {
        code: Finding(code=code, documents=[*dict.fromkeys(name for _, name, _ in of_code)], at=of_code[0][2])
        for code, of_code in grouped(places, itemgetter(0)).items()
    }
    tokens = [token for name in logged for token in logged[name]]
    (_, right), *others = numbers(tokens, texts.values(), unit)
    if claim is not None and (wrong := explanation(str(claim), right, others, findings.keys())):
        code, number = wrong
        findings.setdefault(code, Finding(code=code)).number = number
    for finding in findings.values():
        finding.sentence = sentence(finding, f"The claim is {claim}, and the log has {right:.6g}.")
    charged = [[token for token in logged[name] if token.kind in PAID] for name in logged]
    charged_texts = ["".join(token.token for token in of_document) for of_document in charged]
    sizes = {unit: sum(map(size, charged_texts)) for unit, size in SIZES.items()} | {
        "token": sum(map(len, charged))
    }
    bits = sum(token.bits for token in chain(*charged))
    return Audit(
        log=str(log),
        corpus=whole.name,
        bits=bits,
        sizes=sizes,
        bits_per={unit: bits / max(1, size) for unit, size in sizes.items()},
        unit=unit,
        claim=None if claim is None else float(claim),
        right=right,
        findings=[*findings.values()],
    )


def sentence(finding: Finding, numbers: str) -> str:
    """Return a finding in words: the mistake, its documents and, if it is about a claim, the numbers."""
    names = finding.documents
    where = (
        f" In {plural(len(names), 'document')}, first in {names[0]!r} at character {finding.at:,}."
        if names
        else ""
    )
    return f"{DATA['sentences'][finding.code]}{where}{'' if finding.number is None else f' {numbers}'}"
