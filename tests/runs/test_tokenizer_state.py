"""What a run saved of its tokenizer is refused, or can be used: nothing falls later."""

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from tokenizers.normalizers import Replace, Sequence

from tests.changing import changed
from tests.conftest import story
from toolkit.errors import InputError
from toolkit.events.checks import Written, check_text, check_vocabulary, read_back, spelled_outcomes
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import DAMAGES
from toolkit.runs.given_tokenizer import check_given
from toolkit.runs.tokenizer_state import check_state
from toolkit.text.corpus import Document

NAMES = ("char", "bpe", "word:unk", "word:shape", "word:cluster", "word:spell", "word:drop", "word:keep",
         "whitespace:unk", "spaced:unk")  # fmt: skip
TRAINING = [Document(f"tale{seed}", story(seed, 4)) for seed in range(4)]
OTHERS = [Document("other", story(9, 2) + " żółw 漢 Zyx"), TRAINING[0]]
FEW = settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def states():
    """Each column with the state of its fitted tokenizer."""
    by_name = {}
    for name in NAMES:
        (column,) = parse_columns([name], {})
        by_name[name] = column, json.loads(json.dumps(column.make(language="en").fit(TRAINING, TRAINING[:1]).state()))
    return by_name


def use(tokenizer):
    """Encode, spell, read back, fill: all that scoring, coding and generating ask of a tokenizer."""
    for document in OTHERS:
        encoding = tokenizer.encode(document)
        outcomes = spelled_outcomes(tokenizer, encoding, document.name)
        written = Written(document.name, encoding.ids.tolist(), outcomes)
        check_text(read_back(tokenizer, written).text, document.text, document.name)
    tokenizer.prompt("The keeper ")
    for word_class in tokenizer.vocabulary.spelled.values():
        with suppress(InputError):  # training may have none
            tokenizer.fill(word_class, np.random.default_rng(0))
        if hasattr(tokenizer, "at_rest"):
            tokenizer.at_rest(word_class, "Zyx")


@pytest.mark.parametrize("name", NAMES)
def test_what_tokenizers_save_is_accepted(states, name):
    column, state = states[name]
    check_state(column, state)
    use(column.make(language="en").restore(state))


@pytest.mark.parametrize("name", NAMES)
@given(random=st.randoms(use_true_random=False))
@FEW
def test_whatever_is_saved_of_a_tokenizer_is_refused_or_can_be_used(states, name, random):
    column, state = states[name]
    state = json.loads(json.dumps(changed(state, random)))
    try:
        check_state(column, state)
        tokenizer = column.make(language="en").restore(state)
        check_vocabulary(tokenizer.vocabulary)
    except (InputError, *DAMAGES):
        return
    use(tokenizer)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("word:unk", ["resting", "UNK"], {"Come": 3}),
        ("word:shape", ["strategy", "classes"], [{}]),
        ("word:drop", ["strategy", "classes"], ["x"]),
        ("word:cluster", ["strategy", "idf"], [1.0]),
        ("word:cluster", ["strategy", "ngrams"], ["x", "x"]),
        ("word:cluster", ["strategy", "centres"], [[1e300] * 24]),
        ("word:unk", ["fillings"], {"UNK": {}}),
        ("word:unk", ["outside"], [[1, float("nan")]]),
        ("char", ["surprises"], True),
        ("bpe", ["seen"], [1.5]),
    ],
)
def test_what_no_tokenizer_saves_is_refused_by_name(states, name, path, value):
    column, state = states[name]
    state = json.loads(json.dumps(state))
    place = state
    for key in path[:-1]:
        place = place[key]
    assert path[-1] in place
    place[path[-1]] = value
    with pytest.raises((ValueError, TypeError)):
        check_state(column, state)


def prefixed():
    """Merges that lack the prefix, which the library takes from the second part: it panics, or ends the process."""
    library = json.loads(Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])).to_str())
    library["model"]["continuing_subword_prefix"] = "##" * 500
    return json.dumps(library), "lacks its prefix"


def doubling():
    """Forty rules, each of which makes the text twice as long."""
    library = Tokenizer(models.BPE({"a": 0}, []))
    library.normalizer = Sequence([Replace("a", "aa")] * 40)
    return library.to_str(), "times as long"


@pytest.mark.parametrize("hostile", [prefixed, doubling])
def test_a_tokenizer_json_that_ends_the_process_or_never_ends_is_refused_by_sentence(tmp_path, hostile):
    text, said = hostile()
    file = tmp_path / "tokenizer.json"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        parse_columns([f"hf:{file}"], {})
    (column,) = parse_columns(["bpe"], {})
    with pytest.raises(ValueError, match=said):
        check_state(column, {"tokenizer": text, "seen": [0], "surprises": 0, "events": 1})


def test_other_tokenizers_are_no_danger(tmp_path):
    library = Tokenizer(models.BPE({"a": 0, "##b": 1, "ab": 2}, [("a", "##b")], continuing_subword_prefix="##"))
    library.normalizer = Sequence([Replace(" ", "▁"), Replace("ﬁ", "fi")])
    library.pre_tokenizer = pre_tokenizers.Metaspace()
    (tmp_path / "tokenizer.json").write_text(library.to_str(), "utf-8")
    check_given(tmp_path / "tokenizer.json")
    check_given(tmp_path / "nowhere.json")  # which the tokenizer itself says
