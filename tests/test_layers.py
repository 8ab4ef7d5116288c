"""Who may import whom: downwards only. Imports inside functions and under TYPE_CHECKING are free."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import toolkit

PACKAGE = Path(toolkit.__file__).parent
LAYERS = [  # the lowest first; a module may import its own layer and those below
    {"", "errors", "files", "results"},
    {"casing", "registry", "config", "corpus", "catalogue", "plugins", "cache", "probability", "environment",
     "reporter"},
    {"batches", "baselines", "checkpoint", "code_points", "columns", "contracts", "events", "folder", "metrics",
     "ngram", "rare_words", "rarity", "recipes", "runs", "segmentation", "spelling", "statistics", "tagging",
     "tokenizers"},
    {"adapting", "backend", "coding", "cudnn", "dense", "lstm", "network", "optimizers", "sampling", "schedule",
     "scoring", "step", "tensorboard", "trainer", "validation"},
    {"article", "comparison", "evaluator", "execution", "proof", "report", "request", "work"},
    {"cli", "__main__"},
]  # fmt: skip
NETWORK = LAYERS[3]
HEAVY = ["tensorflow", "keras", "spacy", "sklearn", "altair", "pandas", "numpy"]
MODULES = sorted(path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py"))


def concept(module):
    """The part of the package that a module (``a/b``, ``toolkit.a.b``) belongs to: its first name."""
    return module.replace(".", "/").removeprefix("toolkit").strip("/").split("/")[0].removesuffix("__init__")


def layer(name):
    return next(level for level, names in enumerate(LAYERS) if name in names)


def imported(module):
    """The modules that a module imports when it is imported itself."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))
    for node in tree.body:
        for inner in ast.walk(node) if isinstance(node, ast.With | ast.Try) else [node]:
            if isinstance(inner, ast.Import):
                yield from (alias.name for alias in inner.names)
            elif isinstance(inner, ast.ImportFrom):
                assert inner.level == 0, "imports are absolute"
                # ``from toolkit import x`` may name a module or a value of the package itself
                whole = [f"toolkit.{a.name}" for a in inner.names if (PACKAGE / f"{a.name}.py").is_file()]
                yield from whole if inner.module == "toolkit" and whole else [inner.module]


def ours(module):
    return {concept(name) for name in imported(module) if name.split(".")[0] == "toolkit"} - {concept(module)}


def test_every_module_has_a_layer():
    assert {concept(module) for module in MODULES} == set().union(*LAYERS)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downwards(module):
    upwards = {name for name in ours(module) if layer(name) > layer(concept(module))}
    assert upwards == set()


@pytest.mark.parametrize("module", MODULES)
def test_tensorflow_is_the_networks_alone(module):
    heavy = {name.split(".")[0] for name in imported(module)} & {"tensorflow", "keras"}
    assert not heavy or concept(module) in NETWORK


@pytest.mark.parametrize("module", [module for module in MODULES if concept(module) == "report"])
def test_the_report_reads_results_only(module):
    assert ours(module) <= {"results", "errors", ""}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_the_command_line(module):
    assert "cli" not in ours(module) or module == "__main__"


def loaded_by(statement):
    code = f"import sys; {statement}; print([name for name in {HEAVY} if name in sys.modules])"
    return ast.literal_eval(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode()
    )


def test_the_command_line_loads_nothing_heavy():
    assert loaded_by("import toolkit.cli") == []


def test_a_page_is_made_without_the_network_or_spacy():
    assert not {"tensorflow", "keras", "spacy", "sklearn"} & set(loaded_by("import toolkit.report"))
