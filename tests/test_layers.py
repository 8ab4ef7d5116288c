"""Who may import whom: downwards only, wherever in a module the import stands."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import toolkit

PACKAGE = Path(toolkit.__file__).parent
ROOMS = (  # the lowest first; a room imports only from itself and from those before it; "" are the public names
    "errors", "files", "cache", "notebook", "config", "out_folder", "registry", "plugins", "environment", "results",
    "text", "report", "events", "network", "spelling", "rare_words", "tokenizers", "contracts", "inference", "training",
    "runs", "evaluation", "comparison", "inspection", "article", "", "cli", "__main__",
)  # fmt: skip
HEAVY = ["tensorflow", "keras", "spacy", "sklearn", "pandas", "numpy"]


def modules(package: Path) -> list[str]:
    """All modules of a package, as ``a/b``."""
    return sorted(path.relative_to(package).with_suffix("").as_posix() for path in package.rglob("*.py"))


MODULES = modules(PACKAGE)


def room(module: str) -> str:
    """The room of a module (``a/b``, ``toolkit.a.b``): its first name, nothing for the package itself."""
    return module.replace(".", "/").removeprefix("toolkit").strip("/").split("/")[0].removesuffix("__init__")


def imported(module: str, package: Path = PACKAGE) -> Iterator[str]:
    """The modules that a module imports, anywhere in it."""
    tree = ast.parse((package / f"{module}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:  # ``from toolkit import x`` may name a room or a public name
                inner = package / alias.name
                is_room = node.module == "toolkit" and (inner.is_dir() or inner.with_suffix(".py").is_file())
                if (node.module, alias.name) != ("toolkit", "__version__"):  # which every room may know
                    yield f"toolkit.{alias.name}" if is_room else str(node.module)


def ours(module: str, package: Path = PACKAGE) -> set[str]:
    """The other rooms that a module imports from."""
    return {room(name) for name in imported(module, package) if name.split(".")[0] == "toolkit"} - {room(module)}


def upwards(module: str, package: Path = PACKAGE) -> set[str]:
    """The rooms above its own that a module imports from."""
    return {name for name in ours(module, package) if ROOMS.index(name) > ROOMS.index(room(module))}


def circle(package: Path) -> list[str]:
    """Rooms that import each other in a circle, the first again at its end; nothing where there is none."""
    edges: dict[str, set[str]] = {}
    for module in modules(package):
        edges.setdefault(room(module), set()).update(ours(module, package))

    def search(path: list[str]) -> list[str]:
        for after in sorted(edges.get(path[-1], ())):
            if after in path:
                return [*path[path.index(after) :], after]
            if found := search([*path, after]):
                return found
        edges[path[-1]] = set()  # leads to no circle
        return []

    return next((found for start in sorted(edges) if (found := search([start]))), [])


def test_every_module_has_a_room():
    assert {room(module) for module in MODULES} == set(ROOMS)


def test_a_dozen_files_at_the_root_at_most():
    assert len([module for module in MODULES if "/" not in module]) <= 12


def test_the_page_about_the_code_lists_the_rooms_from_the_top_down():
    readme = (PACKAGE / "README.md").read_text("utf-8")
    listing = re.search(r"^toolkit/\n((?:  .*\n)+)", readme, re.MULTILINE)[1]
    *lines, files = listing.splitlines()
    listed = [*(re.match(r"  (\w+)", line)[1] for line in lines), *re.findall(r"(\w+)\.py", files)]
    assert listed == [name or "__init__" for name in reversed(ROOMS) if name != "__main__"]


def test_imports_go_downwards():
    assert {module: above for module in MODULES if (above := upwards(module))} == {}


def test_no_rooms_import_each_other_in_a_circle():
    assert circle(PACKAGE) == []


@pytest.mark.parametrize("level", ["", "def f():\n    "])
def test_a_planted_import_is_found(tmp_path, level):
    for name in ("text", "events"):
        (tmp_path / name).mkdir()
    (tmp_path / "text" / "a.py").write_text(f"{level}from toolkit.events.b import c\n", "utf-8")
    (tmp_path / "events" / "b.py").write_text("from toolkit.text import a\n", "utf-8")
    assert upwards("text/a", tmp_path) == {"events"}
    assert circle(tmp_path) == ["events", "text", "events"]
    (tmp_path / "text" / "a.py").write_text(f"{level}from toolkit import events\n", "utf-8")
    assert upwards("text/a", tmp_path) == {"events"}


def test_tensorflow_is_imported_in_one_place():
    heavy = {m for m in MODULES if {name.split(".")[0] for name in imported(m)} & {"tensorflow", "keras"}}
    assert heavy == {"network/backend"}


def test_what_needs_tensorflow_is_the_network_and_what_stands_above_it():
    below = [module for module in MODULES if ROOMS.index(room(module)) < ROOMS.index("network")]
    assert [m for m in below if any(name.startswith("toolkit.network.backend") for name in imported(m))] == []


def test_no_archive_of_keras_is_ever_read():
    """It could execute code; ``toolkit export`` only writes one."""
    reading = {"load_model", "load_weights", "deserialize_keras_object"}

    def attributes(module):
        tree = ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))
        return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert [module for module in MODULES if attributes(module) & reading] == []


def test_the_report_reads_results_only():
    others = {module: ours(module) - {"results", "errors", "cache"} for module in MODULES if room(module) == "report"}
    assert {module: rooms for module, rooms in others.items() if rooms} == {}


def loaded_by(statement):
    code = f"import sys; {statement}; print([name for name in {HEAVY} if name in sys.modules])"
    return ast.literal_eval(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode()
    )


@pytest.mark.parametrize("statement", ["import toolkit", "import toolkit; dir(toolkit)", "import toolkit.cli"])
def test_what_is_imported_first_loads_nothing_heavy(statement):
    assert loaded_by(statement) == []


def test_the_results_load_nothing_heavy():
    assert loaded_by("import toolkit; toolkit.Comparison, toolkit.InputError") == []


def test_a_lower_room_may_not_use_the_public_names(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.py").write_text("from toolkit import __version__, errors\n", "utf-8")
    (tmp_path / "errors.py").touch()
    assert upwards("text/a", tmp_path) == set()
    (tmp_path / "text" / "a.py").write_text("import toolkit\n", "utf-8")
    assert upwards("text/a", tmp_path) == {""}
    (tmp_path / "text" / "a.py").write_text("def f():\n    from toolkit import compare\n", "utf-8")
    assert upwards("text/a", tmp_path) == {""}


def test_a_page_is_made_without_the_network_or_spacy():
    assert not {"tensorflow", "keras", "spacy", "sklearn"} & set(loaded_by("import toolkit.report"))


def test_arguments_are_looked_at_before_tensorflow_is_loaded():
    assert not {"tensorflow", "keras"} & set(loaded_by("import toolkit.comparison.library, toolkit.comparison.rows"))
