"""The page's sections in their order: each is a module here, beside a template of the same name."""

SECTIONS = (
    "verdict", "documents", "folds", "compared", "sweep", "scaling", "columns", "resources", "ledger", "noise",
    "learning", "coverage", "passages", "samples", "blind", "provenance",
)  # fmt: skip
