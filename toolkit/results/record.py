"""The base of what comparison.json has."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A part of the result: no unknown keys, values as they were measured."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
