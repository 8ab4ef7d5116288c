"""The record of ``toolkit audit``: what a log of probabilities amounts to, and what is wrong with it."""

from typing import Literal

from toolkit.results.record import Record

Mistake = Literal[
    "text",
    "cut_off",
    "nats",
    "first_token",
    "counted_twice",
    "special_free",
    "shifted",
    "missing_document",
    "unknown_document",
    "probability",
    "claim",
]
ClaimUnit = Literal["bpc", "bpb", "ppl"]  # bits per character or byte of UTF-8, perplexity per token


class Finding(Record):
    """A mistake in the log of ``documents``, first ``at`` a character, or in a claim.

    ``number`` is what the mistake leads to, if that is the claim. With the code "claim", it is the right number.
    """

    code: Mistake
    documents: list[str] = []
    at: int = 0
    number: float | None = None
    sentence: str = ""


class Audit(Record):
    """The numbers of a log, about the text that it charges, with each token once.

    ``sizes`` and ``bits_per`` are by "character", "byte" (of UTF-8), "word" (neutral words) and "token". ``right`` is
    the log's number in the unit of the claim.
    """

    log: str
    corpus: str
    sizes: dict[str, int]
    bits: float
    bits_per: dict[str, float]
    unit: ClaimUnit
    claim: float | None
    right: float
    findings: list[Finding]
