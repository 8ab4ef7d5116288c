"""The base of the records in comparison.json and inspect.json, and the templates that put records into words."""

import gzip
import re
import zlib
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar

import jinja2
from pydantic import BaseModel, ConfigDict, Field

from toolkit.config import typed
from toolkit.errors import misfit
from toolkit.files import write_file
from toolkit.results import text

PAGE = "index.html"  # beside the JSON of a folder
FOLDER = Path(__file__).parent
FILTERS = (
    text.amount, text.byte_count, text.count, text.cut, text.decimals, text.duration, text.listing, text.p_value,
    text.percent, text.seconds, text.signed,
)  # fmt: skip
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Shown:
    """An object that shows its ``title`` and ``headline`` as a line and, with its ``table()``, in a notebook.

    If it has a ``page`` and ``warnings``, a notebook also gets a link to the page and the number of warnings.
    """

    def __repr__(self: Any) -> str:
        return f"<{type(self).__name__} {self.title}. {self.headline}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return HTML without scripts."""
        return environment(autoescape=True).get_template("notebook.j2").render(shown=self)


class Record(BaseModel):
    """A part of a result. Unknown keys are rejected, and numbers have full precision."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class InFolder(Shown, Record):
    """A result that is saved in a folder, beside its page."""

    version: int = Field(alias="schema")
    command: str
    created: str
    versions: dict[str, str]
    machine: dict[str, Any]
    settings: dict[str, Any]
    folder: Path | None = Field(default=None, exclude=True)  # None before it is saved

    @property
    def page(self) -> Path | None:
        """The page in the folder, if there is one."""
        return self.folder / PAGE if self.folder is not None and (self.folder / PAGE).is_file() else None

    @classmethod
    @typed
    def load(cls, path: str | Path) -> Self:
        """Read the result from its JSON, which may be packed as .gz.

        Raises:
            OSError: It cannot be read.
            InputError: It is damaged, or has the format of another version.
        """
        file = Path(path)
        content = file.read_bytes()
        try:
            record = cls.model_validate_json(gzip.decompress(content) if file.suffix == ".gz" else content)
        except (gzip.BadGzipFile, ValueError, EOFError, zlib.error) as error:
            raise misfit(file, error, "repeat its command, which writes it again") from error
        record.folder = file.parent
        return record

    def save(self, path: str | Path) -> None:
        """Write the result as JSON."""
        write_file(Path(path), self.model_dump_json(by_alias=True, indent=1))


def environment(*folders: Path, autoescape: bool = False) -> jinja2.Environment:
    """Return templates of these folders and of this one. An unknown name is an error."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, FOLDER]),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {function.__name__: function for function in FILTERS}
    templates.globals |= {"amount": text.amount, "apart": text.apart, "plural": text.plural}
    return templates


@cache
def _sentences() -> jinja2.environment.TemplateModule:
    return environment().get_template("sentences.j2").module


def say(macro: str, *arguments: Any) -> str:
    """Render a macro of sentences.j2 as a line of plain text.

    >>> say("step", "seeds")
    'More seeds, so that the answer is about more than these trained models'
    """
    return re.sub(r"[ \n]+", " ", str(getattr(_sentences(), macro)(*arguments))).strip()


def grouped(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """The things by their keys, which come in the order of the first of each.

    >>> grouped(["moon", "sea", "lamp"], len)
    {4: ['moon', 'lamp'], 3: ['sea']}
    """
    groups: dict[K, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups
