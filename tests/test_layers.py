"""How the package is built: rooms import downwards, and no files import each other in a circle."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import toolkit

PACKAGE = Path(toolkit.__file__).parent
TESTS = Path(__file__).parent
ROOMS = (  # the lowest first; a room imports only from itself and from lower ones; "" are the public names
    "errors", "config", "files", "plugins", "environment", "results", "text", "report", "events",
    "network", "spelling", "rare_words", "tokenizers", "inference", "contracts", "training", "runs", "evaluation",
    "comparison", "inspection", "article", "serve", "", "cli", "__main__",
)  # fmt: skip


def modules(package: Path) -> dict[str, Path]:
    """The files of a package's modules, which are called ``a/b``; a package is the module of its ``__init__``."""
    names = ((path.relative_to(package).with_suffix("").as_posix(), path) for path in package.rglob("*.py"))
    return {re.sub("/?__init__$", "", name): path for name, path in names}


def imports(file: Path) -> Iterator[str]:
    """The full names that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def edges(package: Path) -> dict[str, set[str]]:
    """Each module of a package with the modules of the package that it imports."""
    files = modules(package)
    graph = {}
    for module, file in files.items():
        inside = [
            n.removeprefix("toolkit").strip(".").replace(".", "/") for n in imports(file) if n[:7] == "toolkit"
        ]
        graph[module] = {name if name in files else name.rpartition("/")[0] for name in inside} - {module}
    return graph


def upwards(package: Path) -> set[tuple[str, str]]:
    """The imports from a higher room."""
    height = {room: number for number, room in enumerate(ROOMS)}
    pairs = [(module, other) for module, others in edges(package).items() for other in others]
    return {(a, b) for a, b in pairs if height[b.split("/")[0]] > height[a.split("/")[0]]}


def circle(package: Path) -> list[str]:
    """A circle of imports, which begins and ends with the same module; empty without a circle."""
    try:
        TopologicalSorter(edges(package)).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_rooms_import_downwards_without_circles_and_a_dozen_files_are_at_the_root():
    assert {module.split("/")[0] for module in modules(PACKAGE)} == set(ROOMS)
    assert upwards(PACKAGE) == set()
    assert circle(PACKAGE) == []
    assert len(list(PACKAGE.glob("*.py"))) <= 12


def test_the_page_about_the_code_lists_the_rooms_from_the_top_down():
    page = (PACKAGE / "docs" / "development.md").read_text("utf-8")
    *lines, files = re.search(r"^toolkit/\n((?:  .*\n)+)", page, re.MULTILINE)[1].splitlines()
    listed = [*(re.match(r"  (\w+)", line)[1] for line in lines), *re.findall(r"(\w+)\.py", files)]
    assert listed == [name or "__init__" for name in reversed(ROOMS) if name != "__main__"]


@pytest.mark.parametrize("before", ["", "def f():\n    ", "if TYPE_CHECKING:\n    "])
def test_a_planted_import_is_found(tmp_path, before):
    for room in ("text", "events"):
        (tmp_path / room).mkdir()
    for file in ("__init__.py", "errors.py"):
        (tmp_path / file).touch()
    (tmp_path / "text" / "a.py").write_text(f"{before}from toolkit.events.b import c\n", "utf-8")
    (tmp_path / "text" / "public.py").write_text(f"{before}from toolkit import compare, errors\n", "utf-8")
    (tmp_path / "events" / "b.py").write_text("from toolkit.text import a\n", "utf-8")
    assert upwards(tmp_path) == {("text/a", "events/b"), ("text/public", "")}
    assert set(circle(tmp_path)) == {"text/a", "events/b"}


def test_tensorflow_is_imported_in_one_place_and_no_archive_of_keras_is_read():
    """An archive could execute code; ``toolkit export`` only writes one."""
    files = modules(PACKAGE)
    heavy = {
        name for name, file in files.items() if {n.split(".")[0] for n in imports(file)} & {"tensorflow", "keras"}
    }
    assert heavy == {"network/backend"}
    text = "".join(file.read_text("utf-8") for file in files.values())
    assert not re.search(r"\.(load_model|load_weights|deserialize_keras_object)\b", text)


LIGHT = ("tensorflow", "keras", "spacy", "sklearn", "pandas", "numpy")


@pytest.mark.parametrize(
    ("statement", "unloaded"),
    [
        ("import toolkit; dir(toolkit), toolkit.Comparison, toolkit.InputError; import toolkit.cli", LIGHT),
        ("from toolkit.cli.completion import columns; columns('char,wo')", LIGHT),
        ("import toolkit.report", ("tensorflow", "keras", "spacy", "sklearn")),
        ("import toolkit.comparison.compare", ("tensorflow", "keras")),
    ],
)
def test_an_import_loads_nothing_heavy(statement, unloaded):
    code = f"import sys; {statement}; sys.exit(' '.join(name for name in {unloaded} if name in sys.modules) or 0)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
