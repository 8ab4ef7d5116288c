"""Every example of the README, the guide and the page about the code is run, from its own text."""

import json
import re
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import toolkit
from tests.helpers.registries import restored
from toolkit.cli import main
from toolkit.comparison.options import assignment
from toolkit.comparison.reading import make_request
from toolkit.config import merged
from toolkit.evaluation.metrics import MEASURES, measures
from toolkit.files import entry
from toolkit.rare_words import RARE_WORDS
from toolkit.report import render
from toolkit.report.page import SECTIONS
from toolkit.results.comparison import Comparison
from toolkit.results.generated import MeasureValue
from toolkit.text.catalogue import DEFAULT, bundled_folder
from toolkit.text.neutral import words
from toolkit.tokenizers.cut import SpacyWords

ROOT = Path(__file__).parents[1]
README, GUIDE, CODE = (
    (ROOT / name).read_text("utf-8") for name in ("README.md", "toolkit/GUIDE.md", "toolkit/README.md")
)
PAGES = README + GUIDE + CODE  # in the order in which their commands are run
CONSOLE = [
    line[2:] for block in re.findall(r"```console\n(.*?)```", PAGES, re.DOTALL) for line in block.splitlines()
]
EXTENSIONS = re.findall(r"```python\n(.*?)```", CODE, re.DOTALL)
COLUMNS = next(block for block in re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL) if "[columns." in block)
MARKDOWN = [
    page for pattern in ("*.md", "reports/*.md", "toolkit/**/*.md") for page in sorted(ROOT.glob(pattern))
]
FAST = (
    "train.updates=4", "train.checks=1", "train.batch=2", "train.towers=1", "train.window_characters=60",
    "network.units=8", "samples.characters=60", "samples.count=2",
)  # fmt: skip
TALES, CHARACTERS = 6, 1_000  # of the bundled ones, and of each


def run(command, monkeypatch):
    """The exit code of a command as a terminal would run it; comparisons on a tiny network."""
    arguments = shlex.split(command)[1:]
    if arguments[0] in ("compare", "inspect"):
        settings = FAST[1:] if "--budget" in arguments else FAST
        arguments += [part for setting in settings for part in ("--set", setting)]
    if arguments[0] == "compare":
        arguments += ["--workers", "1"]
        if "--budget" in arguments:
            arguments[arguments.index("--budget") + 1] = "1s"
    monkeypatch.setattr(sys, "argv", ["toolkit", *arguments])
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    return 0


@pytest.fixture
def registry():
    """The registries, without what an example adds afterwards."""
    with restored(RARE_WORDS, MEASURES):
        yield


@pytest.fixture
def _fewer_tales(tmp_path, monkeypatch):
    """Of the bundled tales only the beginnings of the shortest: to tag and score all of them takes minutes."""
    whole, fewer = bundled_folder(), tmp_path / "corpora"
    (fewer / DEFAULT).mkdir(parents=True)
    shortest = sorted((whole / DEFAULT).glob("*.txt"), key=lambda path: path.stat().st_size)[:TALES]
    for file in (*whole.glob("*.toml"), whole / DEFAULT / "about.toml"):
        shutil.copy(file, fewer / file.relative_to(whole))
    for file in shortest:
        (fewer / DEFAULT / file.name).write_text(file.read_text("utf-8")[:CHARACTERS], "utf-8")
    monkeypatch.setattr("toolkit.text.catalogue.bundled_folder", lambda: fewer)


@pytest.fixture
def _own_cache(tmp_path, monkeypatch):
    """A cache of its own, where corpora get names. It shares what is compiled with all tests."""
    compiled = entry("operations", "").resolve()
    compiled.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "operations").symlink_to(compiled)
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))


@pytest.mark.slow
@pytest.mark.usefixtures("_fewer_tales", "_own_cache")
def test_commands_run_in_the_order_of_the_text(brief_folder, tmp_path, monkeypatch, capsys, registry):  # noqa: ARG001
    """A command that stands in the text more than once is run where it stands first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    (tmp_path / "mine.py").write_text(EXTENSIONS[0], "utf-8")
    (tmp_path / "columns.toml").write_text(COLUMNS, "utf-8")
    shutil.copytree(brief_folder, tmp_path / "my-novels")
    rows = [json.dumps({"text": path.read_text("utf-8")}) for path in sorted(brief_folder.glob("*.txt"))]
    (tmp_path / "tales.jsonl").write_text("\n".join(rows), "utf-8")
    two_commands = [line.strip() for line in README.splitlines() if line.startswith("    python -m pip install")]
    main_job = two_commands[0].split("&& ")[1]
    assert main_job == "toolkit compare --tokenizers char,word"
    assert two_commands[1].endswith('-e ".[test]" && python -m pytest')
    for command in dict.fromkeys([main_job, *CONSOLE]):
        assert run(command, monkeypatch) == 0, (command, capsys.readouterr().err)
    assert (tmp_path / "tale3.txt").read_bytes() == (tmp_path / "my-novels" / "tale3.txt").read_bytes()


def test_the_example_strategy_is_a_column_and_keeps_its_contract(split, registry):  # noqa: ARG001
    for example in EXTENSIONS:
        exec(example, {})  # the README's own text
    tokenizer = SpacyWords("nearest").fit(split.train, split.valid)
    encoding = tokenizer.encode(split.test[0])
    assert tokenizer.decode(encoding.ids.tolist(), encoding.surfaces) == split.test[0].text
    assert "<harbour>" in tokenizer.vocabulary.tokens
    assert len(EXTENSIONS[0].split("@")[1].splitlines()) <= 15


def examples(page):
    """The examples of a page that are Python, with the commands between them."""
    blocks = re.findall(r"```(python|console)\n(.*?)```", page, re.DOTALL)
    return [("python", text) if language == "python" else ("console", text[2:]) for language, text in blocks]


def quick(**asked):
    """The arguments of a call, for a tiny network."""
    settings = {}
    for setting in FAST[1:] if asked["budget"] else FAST:
        settings = merged(settings, assignment(setting))
    tiny = {"settings": merged(asked["settings"] or {}, settings), "budget": asked["budget"] and "1s"}
    return make_request(**asked | tiny)


def test_every_section_of_a_report_is_explained_by_its_name_and_in_its_order():
    page = (ROOT / "reports" / "README.md").read_text("utf-8")
    explained = page.partition("## How to read a report\n")[2].partition("\n## ")[0]
    named = ", ".join(re.findall(r"^\d+\. \*\*(.+?)\.?\*\*", explained, re.MULTILINE)).lower().split(", ")
    titles = [title for title, _ in SECTIONS.values()]
    sometimes = [title for title in titles if title in ("Folds", "Sweep", "More text")]
    assert all(title in explained for title in sometimes)
    always = [title.lower() for title in titles if title not in sometimes]
    assert [name for name in named if name != "the answer"] == always


@pytest.mark.slow
def test_the_examples_in_python_run_in_order(brief_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("toolkit.comparison.compare.make_request", quick)
    shutil.copytree(brief_folder, tmp_path / "my-novels")
    for page in (README, GUIDE):  # their own text
        names = {}
        for language, example in examples(page):
            if language == "python":
                exec(example, names)
            elif "toolkit export" in example:
                assert run(example, monkeypatch) == 0
    comparison, out = names["comparison"], capsys.readouterr().out
    assert comparison.page == Path("reports/my-novels--char-word-pos/index.html")
    assert comparison.headline in out
    assert list(names["frame"]["column"]) == ["char", "word:pos"]
    assert list(names["costs"].columns) == ["word", "start", "end", "bits"]
    assert list(names["costs"]["word"]) == words(names["text"])
    assert names["costs"]["bits"].tolist() == [cost.bits for cost in names["model"].bits_per_word(names["text"])]
    assert Path("word-pos.keras").stat().st_size > 0
    assert re.search(r"^ +\d+\.\d\d  harbour$", out, re.MULTILINE)
    assert "\n---\n" in out
    assert re.search(r"^done \d", out, re.MULTILINE)
    assert re.search(r"bits by Keras, .* by toolkit$", out, re.MULTILINE)
    assert isinstance(names["classifier"].layers[1], toolkit.LSTM)
    assert names["cell"].run == "reports/novels--char-seed1"


def without_examples(page):
    """The text of a page between its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def links(page):
    """Where the links of a page lead that stay in this project."""
    prose = re.sub(r"`[^`]*`", "", without_examples(page))
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in target]


def anchors(page):
    """What a link to a heading of the page ends with, as GitHub makes it of the heading."""
    headings = re.findall(r"^#+ (.+)$", without_examples(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_every_page_has_links_that_are_found():
    assert len(MARKDOWN) >= 5
    assert all(links(page) for page in MARKDOWN)


def test_sections_that_the_code_names_are_there():
    sources = [file for pattern in ("*.py", "*.j2") for file in (ROOT / "toolkit").rglob(pattern)]
    named = {
        (page, section)
        for file in sources
        for page, section in re.findall(r'(\w+/\w+\.md)(?:</code>)?,\s["“]([^"”]+)["”]', file.read_text("utf-8"))
    }
    assert named
    for page, section in named:
        assert f"# {section}\n" in (ROOT / page).read_text("utf-8")


def test_the_readme_quotes_the_numbers_of_the_report():
    pages = [
        (ROOT / page).read_text("utf-8") for page in ("README.md", "reports/README.md", "reports/TOOLKIT.md")
    ]
    cells = [
        line.strip("| ").split(" | ") for page in pages for line in page.splitlines() if line.startswith("| `")
    ]
    published = {(row[0], row[1], *(row[i] for i in (4, 5, 6, 7))) for row in cells if len(row) == 11}
    quoted = [tuple(row) for row in cells if len(row) == 6 and row[1].startswith("**")]
    assert len(quoted) == 6
    assert published.issuperset(quoted)  # two comparisons may have one total, and other parts of it


def test_the_readme_can_be_read_in_five_minutes():
    assert len(README.splitlines()) <= 200


def test_what_is_cited_is_this_version():
    (cited,) = re.findall(r"^  version = \{(.*)\}$", GUIDE, re.MULTILINE)
    assert cited == toolkit.__version__


def test_every_dependency_has_its_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    table = README[README.index("## Why each dependency") :]
    extras = project["optional-dependencies"]
    named = [*extras["pandas"], *extras["parquet"]]
    for requirement in [*project["dependencies"], *named]:
        assert re.match(r"[\w-]+", requirement)[0] in table


def test_the_example_measure_has_its_row_in_the_report(comparison_folder, registry):  # noqa: ARG001
    (example,) = (block for block in EXTENSIONS if "MEASURES.add" in block)
    exec(example, {})  # the README's own text
    measure = measures()["question_marks_per_10k"]
    assert measure(["What? No."], None) == pytest.approx(10_000 / 9)
    comparison = Comparison.load(comparison_folder / "comparison.json")
    for cell in comparison.done:
        texts = [sample.text for sample in cell.generated.samples]
        rate = measure(texts, None)
        value = MeasureValue(value=rate, low=None, high=None, author=rate)
        cell.generated.measures["question_marks_per_10k"] = value
    comparison.measures["question_marks_per_10k"] = measure.facts()
    assert "how many among 10,000 characters</small>" in render(comparison)
    comparison.measures["question_marks_per_10k"] = replace(measure, direction="less").facts()
    assert "how many among 10,000 characters; less is better</small>" in render(comparison)
