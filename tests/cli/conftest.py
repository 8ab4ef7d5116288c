"""A command line as ``toolkit`` runs it, an empty working folder, and runs that are finished."""

import sys

import pytest


@pytest.fixture
def toolkit(capsys, monkeypatch):
    """Run a command line as ``toolkit`` does: exit code, standard output, standard error."""
    from toolkit.cli import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["toolkit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs(comparison_folder):
    return comparison_folder / "runs"
