"""``toolkit.audit``: whether the log of any program charges a corpus for each token, once, and whether a claim follows.

Where the next token is not the next text, the log may lack text, or repeat tokens of an overlapping window. So the next
tokens are searched for in both directions.
"""

import math
import os
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

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
FIRST, TEXT, AGAIN, START, END = (
    "first",
    "text",
    "again",
    "start",
    "end",
)  # kinds of tokens; START and END are special
PROBE = 20  # characters of the next tokens that are searched for
MAX_MISSING = 100  # characters of tokens that the log lacks
TOLERANCE = 1e-6  # relative, of a claim with many digits: programs add up in single precision
STANDARD_ERRORS = 4.0  # by which costs are correlated better with the frequencies of neighbours
TWICE = 2.0  # a model that is no better costs less than twice as much as frequencies, or hardly varies
SIZES: dict[str, Callable[[str], int]] = {
    "character": len,
    "byte": lambda text: len(text.encode()),
    "word": lambda text: len(words(text)),
}
SENTENCES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

Place = tuple[Mistake, str, int]  # a mistake, and the document and the character where it is


class Token(BaseModel):
    """A token of a log, with its kind and its place in the text."""

    document: str
    token: str
    logprob: float | None = None
    kind: str = TEXT
    place: int = 0

    @property
    def bits(self) -> float:
        """Its cost."""
        return -(self.logprob or 0.0) / math.log(2)


def placed(text: str, tokens: Sequence[Token]) -> Iterator[tuple[Mistake, int]]:
    """Place the tokens of a document in its text. Yield mistakes with their places; "first_token" for missing text."""
    place = reach = 0
    for i, token in enumerate(tokens):
        token.kind = START if place == 0 else END
        if place == len(text) or not text.startswith(token.token, place):
            if SPECIAL.fullmatch(token.token):
                token.place, token.token = place, ""
                continue
            following = "".join(t.token for t in tokens[i : i + PROBE] if not SPECIAL.fullmatch(t.token))[:PROBE]
            ahead = text.find(following, place, place + MAX_MISSING)
            behind = text.rfind(following, 0, place + len(following) - 1)
            if max(ahead, behind) < 0:
                same = len(os.path.commonprefix([following, text[place:]]))  # noqa: RUF071 - of characters
                yield "text", place + same
                return
            yield "counted_twice" if ahead < 0 else "first_token", place
            place = behind if ahead < 0 else ahead
        token.kind, token.place = FIRST if place == 0 == reach else AGAIN if place < reach else TEXT, place
        place += len(token.token)
        reach = max(reach, place)
    if reach < len(text):
        yield "cut_off", reach
    elif not any(token.kind == END and token.logprob for token in tokens):
        yield "special_free", reach


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


def mistakes(texts: Mapping[str, str], logged: Mapping[str, Sequence[Token]]) -> Iterator[Place]:
    """Place the tokens of a log in the texts of its documents. Yield mistakes.

    Text or probabilities that are missing in a document several times are the first tokens of its windows.
    """
    missing: list[Place] = []
    for name, tokens in logged.items():
        for code, place in placed(texts[name], tokens):
            if code == "first_token" and place > 0:
                missing.append(("text", name, place))
            else:
                yield code, name, place
        for token in tokens:
            if not -math.inf < (token.logprob or 0.0) <= 0:
                yield "probability", name, token.place
                token.kind, token.logprob = AGAIN, None
            elif token.kind == FIRST and not token.logprob:
                yield "first_token", name, 0
            elif token.kind == TEXT and token.logprob is None:
                missing.append(("probability", name, token.place))
    in_windows = len(missing) > len(logged)
    yield from (("first_token" if in_windows else code, name, place) for code, name, place in missing)
    yield from (("missing_document", name, 0) for name in texts if name not in logged)


def numbers(
    tokens: Sequence[Token], unit: ClaimUnit, covered: int, whole: int
) -> Iterator[tuple[Mistake, float]]:
    """Yield the log's number, called "claim", and those that mistakes lead to.

    ``covered`` is the size of the text that has tokens, and ``whole`` that of all text.
    """
    bits, counts = defaultdict[str, float](float), Counter[str]()
    for token in tokens:
        bits[token.kind] += token.bits
        counts[token.kind] += token.logprob is not None
    right = sum(bits.values()) - bits[AGAIN]
    size = sum(counts.values()) - counts[AGAIN] if unit == "ppl" else covered
    cases: list[tuple[Mistake, float, int]] = [("claim", right, size), ("nats", right * math.log(2), size)]
    cases += [("nats", right / math.log(2), size), ("cut_off", right, whole)]
    changes: dict[Mistake, tuple[str, int]] = {"first_token": (FIRST, -1), "special_free": (END, -1)}
    for code, (kind, sign) in (changes | {"counted_twice": (AGAIN, 1)}).items():
        total = right + sign * bits[kind]
        cases += [(code, total, size), (code, total, size + sign * counts[kind])]
    for code, total, of_size in cases:
        rate = total / max(1, of_size)
        yield code, 2.0**rate if unit == "ppl" else rate


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
    held_out = whole.given.test if whole.given else whole.documents
    texts = {document.name: document.text for document in held_out}
    try:
        logged = grouped(map(Token.model_validate, jsonl_rows(Path(log))), lambda token: token.document)
    except ValidationError as error:
        raise InputError(f"{log}: {first_line(error)}. Give each line document, token and logprob.") from error
    strangers = {name: logged.pop(name) for name in [*logged] if name not in texts}
    if not logged:
        raise InputError(
            f"{log} has no document of {whole.name}. Name documents as the corpus does: {next(iter(texts))!r}."
        )
    places = [*mistakes(texts, logged), *(("unknown_document", name, 0) for name in strangers)]
    tokens = [token for name in logged for token in logged[name]]
    if shifted([token for token in tokens if token.kind in (FIRST, TEXT) and token.logprob is not None]):
        places += [("shifted", name, 0) for name in logged]
    findings = {
        code: Finding(code=code, documents=[*dict.fromkeys(name for _, name, _ in of_code)], at=of_code[0][2])
        for code, of_code in grouped(places, itemgetter(0)).items()
    }
    charged = "".join(texts[name][: max(t.place + len(t.token) for t in logged[name])] for name in logged)
    sizes = {kind: size(charged) for kind, size in SIZES.items()}
    sizes["token"] = sum(token.logprob is not None and token.kind != AGAIN for token in tokens)
    measured = SIZES["byte" if unit == "bpb" else "character"]
    (_, right), *others = numbers(tokens, unit, measured(charged), measured("".join(texts.values())))
    if claim is not None and not rounds_to(right, str(claim)):
        known = [(code not in findings, code, number) for code, number in others if rounds_to(number, str(claim))]
        _, code, number = min(known, default=(False, "claim", right))
        findings.setdefault(code, Finding(code=code)).number = number
    for finding in findings.values():
        sentence, documents = SENTENCES[finding.code], plural(len(finding.documents), "document")
        if finding.documents:
            sentence += f" In {documents}, first in {finding.documents[0]!r} at character {finding.at:,}."
        if finding.number is not None:
            sentence += f" The claim is {claim}, and the log has {right:.6g}."
        finding.sentence = sentence
    bits = sum(token.bits for token in tokens if token.kind != AGAIN)
    return Audit(
        log=str(log),
        corpus=whole.name,
        bits=bits,
        sizes=sizes,
        bits_per={kind: bits / max(1, size) for kind, size in sizes.items()},
        unit=unit,
        claim=None if claim is None else float(claim),
        right=right,
        findings=[*findings.values()],
    )


def rounds_to(number: float, claim: str) -> bool:
    """Return whether a number is the claim, but for rounding to its digits and for single precision."""
    tolerance = max(0.5 * 10.0 ** -len(claim.partition(".")[2]), TOLERANCE * number) * (1 + TOLERANCE)
    return abs(number - float(claim)) <= tolerance
