"""Every example of the documents is run from its own text, their figures are those published, and they are short."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import toolkit
from tests.benchmarks.publish import PAGES, written
from tests.helpers.comparison_example import TWO, comparison
from tests.helpers.registries import restored
from tests.helpers.rounding import assert_same_sums
from toolkit.cli import main
from toolkit.evaluation.metrics import MEASURES, measures
from toolkit.files import entry
from toolkit.rare_words import RARE_WORDS
from toolkit.report import render
from toolkit.report.page import SECTIONS
from toolkit.results.generated import MeasureValue
from toolkit.text.neutral import words
from toolkit.tokenizers.cut import SpacyWords

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "toolkit" / "docs"
TUTORIALS = ("first-comparison", "your-own-novel", "reading-a-report", "your-own-strategy")
README = (ROOT / "README.md").read_text("utf-8")
LESSONS = [(DOCS / "tutorials" / f"{name}.md").read_text("utf-8") for name in TUTORIALS]
HOW_TO = {page.stem: page.read_text("utf-8") for page in sorted((DOCS / "how-to").glob("*.md"))}
EXAMPLES = [README, *LESSONS, *HOW_TO.values()]


def blocks(language, page):
    """The examples of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


(MAIN_JOB, TESTS) = re.findall(r"^    python -m pip install -e .* && (.+)$", README, re.MULTILINE)
CONSOLE = [line[2:] for page in EXAMPLES for block in blocks("console", page) for line in block.splitlines()]
EXTENSIONS = blocks("python", LESSONS[-1])
COLUMNS = next(block for block in blocks("toml", LESSONS[1]) if "[columns." in block)
FAST = {
    "train.updates": 4, "train.checks": 1, "train.batch": 2, "train.towers": 1, "train.window_characters": 60,
    "network.units": 8, "samples.characters": 60, "samples.count": 2, "samples.temperature": 0.8,
}  # fmt: skip
BUDGET = "0.3s"  # instead of minutes; it decides the number of updates
NETWORKS = {"--budget", "--match", "--config", "--adapt"}  # options that need networks, or name their columns


def quick(command):
    """The arguments of a command, with a tiny network, fewer seeds and counted columns."""
    name, *arguments = shlex.split(command)[1:]
    if name not in ("compare", "inspect"):
        return [name, *arguments]
    options, settings = dict(zip(arguments, [*arguments[1:], ""], strict=True)), dict(FAST)
    for option, value in (("--budget", BUDGET), ("--seeds", "2")):
        if option in options:
            arguments[arguments.index(option) + 1] = value
    if {"--budget", "--quick"} & {*options}:  # they say how long training is
        del settings["train.updates"]
    columns = options["--tokenizers"].split(",") + options.get("--sweep", "").split(".")[1:2]
    if name == "inspect" or ("--corpus" in options and not NETWORKS & {*options}):
        counted = [column for column in columns if column != "char512" and "@" not in column]
        settings |= {f'columns."{column}".tokenizer': f"{column}@ngram" for column in counted}
    if name == "compare":
        arguments += ["--workers", "1"]
        if "--corpus" not in options:
            arguments += ["--corpus", "weird-tales/"]  # a folder with the name of the bundled tales
    return [name, *arguments] + [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


@pytest.fixture
def run(tmp_path, monkeypatch, brief_folder):
    """Run a command as a terminal would: its exit code. The working folder has the files that the examples name."""
    compiled, cache = entry("operations", "").resolve(), tmp_path / "cache"  # corpora get names in the cache
    for folder in (compiled, cache):
        folder.mkdir(parents=True, exist_ok=True)
    (cache / "operations").symlink_to(compiled)
    monkeypatch.setenv("TOOLKIT_CACHE", str(cache))
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    monkeypatch.chdir(tmp_path)
    for name in ("my-novels", "weird-tales"):
        shutil.copytree(brief_folder, tmp_path / name)
    rows = [json.dumps({"text": path.read_text("utf-8")}) for path in sorted(brief_folder.glob("*.txt"))]
    counted = COLUMNS.replace('"word:cluster"', '"word:cluster@ngram"')
    tokens = [*(tmp_path / "my-novels" / "tale3.txt").read_text("utf-8"), "</s>"]
    log = [json.dumps({"document": "tale3", "token": token, "logprob": -1.0}) for token in tokens]
    texts = {
        "mine.py": EXTENSIONS[0],
        "columns.toml": counted,
        "tales.jsonl": "\n".join(rows),
        "scores.jsonl": "\n".join(log),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")

    def code(command):
        monkeypatch.setattr(sys, "argv", ["toolkit", *quick(command)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0

    with restored(RARE_WORDS, MEASURES):
        yield code


@pytest.mark.slow
@pytest.mark.timeout(300)  # forty commands
@pytest.mark.parametrize("own_texts", [False, True])
def test_commands_run_in_the_order_of_the_text(run, tmp_path, capsys, own_texts):
    """Each command is run where it stands first. Those on the reader's own texts need nothing of the others."""
    assert (MAIN_JOB, TESTS) == ("toolkit compare --tokenizers char,word", "python -m pytest")
    for command in dict.fromkeys([MAIN_JOB, *CONSOLE]):
        if bool(re.search("--corpus|reports/my-novels", command)) == own_texts:
            assert run(command) == 0, (command, capsys.readouterr().err)
    if not own_texts:
        assert (tmp_path / "tale3.txt").read_bytes() == (tmp_path / "my-novels" / "tale3.txt").read_bytes()


@pytest.mark.slow
def test_the_examples_in_python_run_in_order_after_the_main_job(run, capsys):
    assert run(MAIN_JOB) == 0
    cells = {file: file.stat().st_mtime_ns for file in Path("reports").rglob("cell.json")}
    tiny = {key: value for key, value in FAST.items() if key != "train.updates"}
    smaller = {
        'budget="2m"': "budget=BUDGET, settings=TINY",
        'settings={"network": {"units": 128}}': "settings=FAST",
    }
    names = {"BUDGET": BUDGET, "FAST": FAST, "TINY": tiny}
    assert {name for name, page in HOW_TO.items() if blocks("python", page)} == {"python", "keras"}
    for page in (LESSONS[0], HOW_TO["python"], HOW_TO["keras"]):
        for language, example in re.findall(r"```(python|console)\n(.*?)```", page, re.DOTALL):
            for argument, replacement in smaller.items():
                example = example.replace(argument, replacement)
            if language == "python":
                exec(example, names)
            elif "toolkit export" in example:
                assert run(example.splitlines()[-1].removeprefix("$ ")) == 0
    assert len(cells) == 2
    assert cells == {file: file.stat().st_mtime_ns for file in cells}  # nothing was trained again
    made, out = names["comparison"], capsys.readouterr().out
    assert made.page == Path("reports/my-novels--char-word-pos/index.html")
    assert made.headline in out
    assert list(names["frame"]["column"]) == ["char", "word:pos"]
    assert list(names["costs"].columns) == ["word", "start", "end", "bits"]
    assert list(names["costs"]["word"]) == words(names["text"])
    assert names["costs"]["bits"].tolist() == [cost.bits for cost in names["model"].bits_per_word(names["text"])]
    assert re.search(r"^ +\d+\.\d\d  harbour$", out, re.MULTILINE)
    assert "\n---\n" in out
    assert names["cell"].run == "reports/novels--char-seed1"
    # By Keras. 0.003 seen
    assert_same_sums(names["score"], names["bits"].sum(), 128)
    assert isinstance(names["classifier"].layers[1], toolkit.LSTM)


def test_the_example_strategy_is_a_column_and_keeps_its_contract(split):
    with restored(RARE_WORDS, MEASURES):
        for example in EXTENSIONS:
            exec(example, {})
        tokenizer = SpacyWords("nearest").fit(split.train, split.valid)
    encoding = tokenizer.encode(split.test[0])
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == split.test[0].text
    assert "<harbour>" in tokenizer.vocabulary.tokens
    assert len(EXTENSIONS[0].split("@")[1].splitlines()) <= 15


def test_the_example_measure_has_its_row_in_the_report():
    (example,) = (block for block in EXTENSIONS if "MEASURES.add" in block)
    name, whole = "question_marks_per_10k", comparison(TWO)
    with restored(MEASURES):
        exec(example, {})
        measure = measures()[name]
    assert measure(["What? No."], None) == pytest.approx(10_000 / 9)
    assert measure.definition not in render(whole)
    for generated in whole.generated.values():
        generated.measures[name] = MeasureValue(value=1.0, low=None, high=None, author=1.0)
    for direction in ("author", "less"):
        whole.measures[name] = replace(measure, direction=direction).facts()
        assert measure.definition in render(whole)
        assert (f"{measure.definition}; {direction}" in render(whole)) == (direction != "author")


def test_every_section_of_a_report_is_explained_by_its_name_and_in_its_order():
    headings = re.findall(r"^## \d\. (.+)$", LESSONS[2], re.MULTILINE)
    assert headings == [name.capitalize() for name in SECTIONS]


def test_tables_are_those_of_the_published_comparisons():
    for page in PAGES:
        text = page.read_text("utf-8")
        assert re.search(r"^<!-- \w+", text, re.MULTILINE)
        assert written(text) == text, f"{page.name}: run python -m tests.benchmarks.publish tables"


def test_documents_are_short_and_the_readme_is_read_in_five_minutes():
    names = subprocess.run(
        ["git", "ls-files", "*.md", "*.cff"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    sizes = {name: (ROOT / name).stat().st_size for name in names.stdout.split()}
    assert sum(sizes.values()) <= 95_000
    assert sizes["README.md"] <= 5_500
    assert len(README.splitlines()) <= 90
