"""Bad input: one sentence on standard error that names it, exit code 2, and no file is made."""

import pytest

FILES = {
    "tales/0.txt": "Tale 0.\n\n" + "It was a dark and stormy night, and the rain fell.\n\n" * 9,
    "tales/1.txt": "Tale 1.\n\n" + "The moon rose over the sea.\n\n" * 9,
    "tales/2.txt": "Tale 2.\n\n" + "The lamp burned low.\n\n" * 9,
    "one.txt": "It was a dark and stormy night.\n\n" * 60,
    "two/0.txt": "The moon.",
    "two/1.txt": "The sea.",
    "binary/bad.txt": "a\x00b",
    "rows.jsonl": '{"text": "The harbour lay still."}\n',
    "tales.jsonl": '{"id": 1, "body": "The moon."}\n',
    "empty.txt": "",
    "reports/photos/me.jpg": "jpg",
    "mine/config.toml": "mine",
    "nowhen/compare.toml": "version = 1\n",
    "broken/comparison.json": "[",
    "mixed.toml": "tokenizers = 3\n",
}
COMPARE = "compare --corpus tales"
TRAIN = "train --corpus tales --tokenizer char"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("compare --corpus wierd-tales", "'wierd-tales'"),
        ("compare --corpus two", "17 characters"),
        ("compare --corpus binary", "bad.txt"),
        ("compare --corpus reports", "reports"),
        ("compare --corpus tales.jsonl --text-column bodi", "'bodi'"),
        (f"{COMPARE} --out reports/photos", "photos"),
        (f"{COMPARE} --tokenizers char,wrod", "'wrod'"),
        (f"{COMPARE} --tokenizers ,", "--tokenizers"),
        (f"{COMPARE} --set network.unit=3", "'network.unit'"),
        (f"{COMPARE} --set network.units", "'network.units'"),
        (f"{COMPARE} --set columns.word:pos.case=mark", "columns.word:pos"),
        (f"{COMPARE} --set vocabulary_size=600", "'vocabulary_size'"),
        (f"{COMPARE} --set columns.bpe.vocabulary_size=600", "'bpe'"),
        (f"{COMPARE} --set columns.char.units=4", "'units'"),
        (f"{COMPARE} --config mixed.toml", "tokenizers"),
        (f"{COMPARE} --budget soon", "'soon'"),
        (f"{COMPARE} --epochs 0", "--epochs"),
        (f"{COMPARE} --seeds three", "--seeds"),
        (f"{COMPARE} --split-seed 100000000000", "--split-seed"),
        (f"{COMPARE} --workers 0", "--workers"),
        (f"{COMPARE} --spacy-model no_such_model", "'no_such_model'"),
        (f"{COMPARE} --language fi --tokenizers word:pos", "fi_core_news_sm"),
        (f"{COMPARE} --language en --spacy-model fr_core_news_sm", "'fr_core_news_sm'"),
        (f"{COMPARE} --more 2x --out new", "new"),
        ("compair", "compair"),
        ("cache --limit much", "--limit"),
        ("corpora get nowhere", "'nowhere'"),
        (f"{TRAIN},bpe", "'char,bpe'"),
        ("train --corpus tales", "--tokenizer"),
        (f"{TRAIN} --out ..", "--out"),
        (f"{TRAIN} --out mine --fresh", "mine"),
        ("tokenize nowhere.txt --tokenizer char", "nowhere.txt"),
        ("tokenize one.txt --tokenizer char --split-seed 7", "--corpus"),
        ("tokenize one.txt --tokenizer word:unk --language zz", "'zz'"),
        ("report nowhere", "nowhere"),
        ("report nowhen", "nowhen"),
        ("report broken", "comparison.json"),
        ("score RUN one.txt", "RUN"),
        ("verify RUN --characters 0", "--characters"),
        ("generate RUN --fill never", "seen"),
        ("compress RUN one.txt -o one.txt", "one.txt"),
        ("compress RUN one.txt -o below/b", "below"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(refused, folder, command, named):
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert named in refused(*command.split())
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(FILES)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--length 0", "length"),
        ("--temperature nan", "temperature"),
        ("--top-k 0", "top-k"),
        ("--top-p 1.5", "top-p"),
        ("-n 0", "number of texts"),
    ],
)
def test_generate_refuses_values_out_of_range(refused, runs, options, named):
    assert named in refused("generate", runs / "word-unk-seed0", *options.split())


@pytest.mark.parametrize("content", [b"", b"\xff", b"\x00"])
@pytest.mark.parametrize("command", ["score", "verify"])
def test_unreadable_texts_are_refused(refused, runs, folder, command, content):
    (folder / "a.txt").write_bytes(content)
    assert "a.txt" in refused(command, runs / "char-seed0", "a.txt")


@pytest.mark.parametrize("content", [b"a\r\nb", b"\xef\xbb\xbfa", b"e\xcc\x81", b"\xff"])
def test_compress_refuses_a_text_that_would_come_back_changed(refused, runs, folder, content):
    (folder / "a.txt").write_bytes(content)
    assert "a.txt" in refused("compress", runs / "char-seed0", "a.txt", "-o", "b")
    assert not (folder / "b").exists()
