"""The page's sections in their order: each is a module here, beside a template of the same name."""

SECTIONS = ("verdict", "columns", "ledger", "noise", "learning", "coverage", "passages", "samples", "provenance")
