"""Audits: a right log holds, and each mistake of a log or a claim is found by its code, and no other code."""

import json
import math
from itertools import chain

import pytest

import toolkit
from toolkit.inference.ngram import NGramModel
from toolkit.results.audit import Audit
from toolkit.text.corpus import Corpus, utf8_bytes
from toolkit.text.neutral import words
from toolkit.tokenizers import TOKENIZERS

LN2 = math.log(2)


@pytest.fixture(scope="module", params=["char", "bpe"])
def rows(request, split):
    """The log of an n-gram: by held-out document, tokens and logarithms, after a free token."""
    tokenizer = TOKENIZERS.factory(request.param)().fit(split.train, split.valid)
    training, valid, test = (list(map(tokenizer.encode, part)) for part in (split.train, split.valid, split.test))
    scores, log = NGramModel.fitted(tokenizer, training, valid).score(test), {}
    for document, events, of_document in zip(split.test, test, scores, strict=True):
        spans = zip(events.starts[:-1], events.ends[:-1], strict=True)
        tokens = [*(document.text[start:end] for start, end in spans), "</s>"]
        log[document.name] = [("<s>", None), *zip(tokens, (-LN2 * of_document.bits).tolist(), strict=True)]
    return log


@pytest.fixture
def audited(rows, split, tmp_path):
    """Audit the log after a change of the rows of each document."""

    def audited(change=list, **claim):
        changed = [(name, *row) for name, tokens in rows.items() for row in change(tokens)]
        lines = [json.dumps(dict(zip(("document", "token", "logprob"), row, strict=True))) for row in changed]
        (tmp_path / "log.jsonl").write_text("\n".join(lines), "utf-8")
        return toolkit.audit(tmp_path / "log.jsonl", Corpus("held out", split.test), **claim)

    return audited


def codes(audit):
    return [finding.code for finding in audit.findings]


def bits(log):
    return -sum(logarithm or 0 for _, logarithm in chain(*log)) / LN2


def test_a_right_log_has_the_numbers_of_its_model(rows, audited, split):
    audit, total, texts = audited(), bits(rows.values()), [document.text for document in split.test]
    tokens, of_words = sum(map(len, rows.values())) - len(rows), sum(len(words(text)) for text in texts)
    assert list(audit.sizes.values()) == [sum(map(len, texts)), utf8_bytes(texts), of_words, tokens]
    assert codes(audit) == []
    assert audit.bits_per == pytest.approx({unit: total / size for unit, size in audit.sizes.items()})


def replaced(i, log):
    """A change: another logarithm of one token."""
    return lambda rows: [(token, log if row == i % len(rows) else old) for row, (token, old) in enumerate(rows)]


def windows(change):
    """A change: windows of 30 tokens, each made from the text and the place of its first token."""
    return lambda rows: [rows[0], *chain(*(change(rows[:-1], i) for i in range(1, len(rows) - 1, 30))), rows[-1]]


def shifted(by):
    """A change: logarithms of other tokens, and one at the beginning."""
    return lambda rows: [(token, rows[(i + by) % len(rows)][1] or -1.0) for i, (token, _) in enumerate(rows)]


PLANTED = [
    ("text", lambda rows: [(token.replace("e", "é"), log) for token, log in rows]),
    ("text", lambda rows: rows[:40] + rows[41:]),
    ("cut_off", lambda rows: rows[:100]),
    ("cut_off", lambda rows: rows[:100] + rows[-1:]),
    ("first_token", lambda rows: rows[:1] + rows[2:]),
    *(("first_token", replaced(1, log)) for log in (None, 0.0)),
    ("first_token", windows(lambda rows, i: rows[i + 1 : i + 30])),
    ("first_token", windows(lambda rows, i: [(rows[i][0], None), *rows[i + 1 : i + 30]])),
    ("counted_twice", windows(lambda rows, i: rows[i : i + 37])),
    ("counted_twice", lambda rows: rows[:60] + rows[50:]),
    ("special_free", lambda rows: rows[:-1]),
    ("special_free", replaced(-1, 0.0)),
    *(("shifted", shifted(by)) for by in (1, -1)),
    ("probability", lambda rows: [(token, log and -log) for token, log in rows]),
    *(("probability", replaced(30, log)) for log in (math.nan, -math.inf, None)),
]


@pytest.mark.parametrize(("code", "change"), PLANTED)
def test_a_planted_mistake_is_found_and_no_other(audited, code, change):
    assert codes(audited(change)) == [code]


def test_the_first_difference_from_the_text_is_named(audited, split):
    assert audited(PLANTED[0][1]).findings[0].at == split.test[0].text.index("e")


@pytest.mark.parametrize(("unit", "of"), [("bpc", "character"), ("bpb", "byte"), ("ppl", "token")])
def test_a_claim_is_right_explained_or_wrong(rows, audited, unit, of):
    total, size = audited().bits, audited().sizes[of]
    end, first = (total - bits([[tokens[i] for tokens in rows.values()]]) for i in (-1, 1))
    claims = [(None, total), ("nats", total * LN2), ("nats", total / LN2), ("first_token", first)]
    for code, claimed in (*claims, ("special_free", end), ("claim", 1.3 * total)):
        claim = 2 ** (claimed / size) if unit == "ppl" else claimed / size
        assert codes(audited(claim=f"{claim:.6f}", unit=unit)) == [code] * bool(code)


@pytest.mark.parametrize(("code", "change"), [PLANTED[i] for i in (2, 9)])
def test_the_mistake_of_the_log_explains_a_claim_about_the_whole_text(rows, audited, code, change):
    claim = bits(map(change, rows.values())) / audited().sizes["character"]
    (finding,) = audited(change, claim=claim).findings
    assert (finding.code, finding.number) == (code, pytest.approx(claim))


def test_the_command_ends_with_0_1_or_2(command_line, tmp_path):
    log, options = tmp_path / "log.jsonl", ("--corpus", tmp_path / "a.txt", "--claim")
    (tmp_path / "a.txt").write_text("a lamp", "utf-8")
    lines = [{"document": "a", "token": token, "logprob": -LN2} for token in ("a", " lamp", "")]
    log.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert command_line("audit", log, *options, "0.5")[0] == 0
    code, out, _ = command_line("audit", log, *options, "0.35", "--json")
    assert (code, codes(Audit(**json.loads(out)))) == (1, ["nats"])
    log.write_text(json.dumps({"document": "c", "token": "a"}), "utf-8")
    assert command_line("audit", log, *options, "0.5")[0] == 2
