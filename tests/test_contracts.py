"""The contracts hold for all of ours; tests/cheats has plug-ins that break them."""

import pytest

from toolkit.contracts import TRAINING, check_rare_words, check_tokenizer
from toolkit.rare_words import RARE_WORDS
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.cut import SpacyWords
from toolkit.tokenizers.subwords import BytePairs, GivenTokenizer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_our_strategies_keep_their_contract(strategy):
    check_rare_words(strategy)


@pytest.mark.parametrize("name", [name for name in TOKENIZERS if name != "hf"])
def test_our_tokenizers_keep_their_contract(name):
    check_tokenizer(lambda: TOKENIZERS.make(name))


@pytest.mark.parametrize("strategy", ["spell", "unk"])
@pytest.mark.parametrize("options", [{"rare_max_documents": 1}, {"rare_max_count": 3}])
def test_words_keep_it_with_other_options(strategy, options):
    check_tokenizer(lambda: SpacyWords(strategy, **options))


def test_a_given_tokenizer_keeps_it(tmp_path):
    (tmp_path / "given.json").write_text(BytePairs().library_tokens(TRAINING).json, "utf-8")
    check_tokenizer(lambda: GivenTokenizer(path=str(tmp_path / "given.json")))


def test_a_word_that_is_half_spelled_may_or_may_not_have_its_space():
    """Until "v" is read, U+0083 is no word, so the mark of "§" does not say yet that no space follows."""
    tokenizer = SpacyWords("spell").fit(TRAINING)
    document = Document("d", "keeper §\x83v")
    encoding = tokenizer.encode(document)
    (half,) = (n for n, end in enumerate(encoding.starts) if end == len("keeper §\x83"))
    assert tokenizer.decode(encoding.ids[:half].tolist(), encoding.surfaces) == "keeper § \x83"


@pytest.mark.parametrize(
    ("name", "settings"), [("char", {}), ("bpe", {"vocabulary_size": 300}), ("word", {"strategy": "unk"})]
)
def test_one_training_document_is_enough_to_check_with(name, settings):
    text = "The moon rose over the old quay. The moon set, and nobody saw it set.\n" * 3
    check_tokenizer(lambda: TOKENIZERS.make(name, **settings), [Document("a", text)])
