"""Who imports whom: rooms import downwards only, and no files import each other in a circle."""

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
ROOMS = (  # the lowest first; a room imports only from itself and from lower ones; "" are the public names
    "errors", "config", "files", "plugins", "environment", "results", "text", "report", "events",
    "network", "spelling", "rare_words", "tokenizers", "inference", "contracts", "training", "runs", "evaluation",
    "comparison", "inspection", "article", "", "cli", "__main__",
)  # fmt: skip


def modules(package: Path) -> list[str]:
    """All modules of a package, as ``a/b``; a package is the module of its ``__init__``."""
    names = (path.relative_to(package).with_suffix("").as_posix() for path in package.rglob("*.py"))
    return sorted(re.sub("/?__init__$", "", name) for name in names)


def source(module: str, package: Path) -> Path:
    """The file of a module."""
    file = package / f"{module}.py"
    return file if module and file.is_file() else package / module / "__init__.py"


def imports(module: str, package: Path) -> Iterator[str]:
    """The modules that a module imports anywhere in it; of the package itself as ``a/b``."""
    known = set(modules(package))
    for node in ast.walk(ast.parse(source(module, package).read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            inside = name.removeprefix("toolkit").strip(".").replace(".", "/")
            if name.split(".")[0] != "toolkit":
                yield name
            else:
                yield inside if inside in known else inside.rpartition("/")[0]


def room(module: str) -> str:
    """The room of a module."""
    return module.split("/")[0]


def edges(package: Path) -> dict[str, set[str]]:
    """Each module of a package with its imports."""
    known = set(modules(package))
    return {module: (set(imports(module, package)) & known) - {module} for module in known}


def upwards(package: Path) -> set[tuple[str, str]]:
    """The imports from a higher room."""
    height = {name: number for number, name in enumerate(ROOMS)}
    pairs = [(module, other) for module, others in edges(package).items() for other in others]
    return {(module, other) for module, other in pairs if height[room(other)] > height[room(module)]}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle of imports, which begins and ends with the same module; empty without a circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_module_has_a_room_and_a_dozen_files_are_at_the_root():
    assert {room(module) for module in modules(PACKAGE)} == set(ROOMS)
    assert len(list(PACKAGE.glob("*.py"))) <= 12


def test_the_page_about_the_code_lists_the_rooms_from_the_top_down():
    readme = (PACKAGE / "README.md").read_text("utf-8")
    *lines, files = re.search(r"^toolkit/\n((?:  .*\n)+)", readme, re.MULTILINE)[1].splitlines()
    listed = [*(re.match(r"  (\w+)", line)[1] for line in lines), *re.findall(r"(\w+)\.py", files)]
    assert listed == [name or "__init__" for name in reversed(ROOMS) if name != "__main__"]


def test_rooms_import_downwards():
    assert upwards(PACKAGE) == set()


def test_no_files_import_each_other_in_a_circle():
    assert circle(edges(PACKAGE)) == []


@pytest.mark.parametrize("before", ["", "def f():\n    ", "if TYPE_CHECKING:\n    "])
def test_a_planted_import_is_found(tmp_path, before):
    for name in ("text", "events"):
        (tmp_path / name).mkdir()
    (tmp_path / "text" / "a.py").write_text(f"{before}from toolkit.events.b import c\n", "utf-8")
    (tmp_path / "events" / "b.py").write_text("from toolkit.text import a\n", "utf-8")
    assert upwards(tmp_path) == {("text/a", "events/b")}
    assert set(circle(edges(tmp_path))) == {"text/a", "events/b"}


def test_a_lower_room_may_not_use_the_public_names(tmp_path):
    (tmp_path / "text").mkdir()
    for name in ("__init__", "errors"):
        (tmp_path / f"{name}.py").touch()
    (tmp_path / "text" / "a.py").write_text("from toolkit import errors\n", "utf-8")
    assert upwards(tmp_path) == set()
    (tmp_path / "text" / "a.py").write_text("def f():\n    from toolkit import compare\n", "utf-8")
    assert upwards(tmp_path) == {("text/a", "")}


def test_tensorflow_is_imported_in_one_place():
    heavy = {
        m
        for m in modules(PACKAGE)
        if {name.split(".")[0] for name in imports(m, PACKAGE)} & {"tensorflow", "keras"}
    }
    assert heavy == {"network/backend"}


def test_no_archive_of_keras_is_ever_read():
    """It could execute code; ``toolkit export`` only writes one."""
    trees = [ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")]
    attributes = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert attributes.isdisjoint({"load_model", "load_weights", "deserialize_keras_object"})


LIGHT = ("tensorflow", "keras", "spacy", "sklearn", "pandas", "numpy")


@pytest.mark.parametrize(
    ("statement", "unloaded"),
    [
        ("import toolkit; dir(toolkit)", LIGHT),
        ("import toolkit.cli", LIGHT),
        ("import toolkit; toolkit.Comparison, toolkit.InputError", LIGHT),
        ("import toolkit.report", ("tensorflow", "keras", "spacy", "sklearn")),
        ("import toolkit.comparison.compare", ("tensorflow", "keras")),
    ],
)
def test_an_import_loads_nothing_heavy(statement, unloaded):
    code = f"import sys; {statement}; sys.exit(' '.join(name for name in {unloaded} if name in sys.modules) or 0)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
