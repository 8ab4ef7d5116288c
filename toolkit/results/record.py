"""The base of what comparison.json has."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from toolkit.errors import MOST_COUNTED


class Record(BaseModel):
    """A part of the result: no unknown keys, values as they were measured, whole numbers that a float can hold."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="after")
    def _counted(self) -> Self:
        """Raises ValueError for a number that nobody has counted so far."""
        for name, value in vars(self).items():
            if isinstance(value, int) and abs(value) > MOST_COUNTED:
                raise ValueError(f"{name} is {value}, more than {MOST_COUNTED}")
        return self
