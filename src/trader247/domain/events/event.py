"""What every fact that the journal keeps has in common.

The facts are in the modules beside this one, by what they are about; `recorded.py` lists them all.
Each is one frozen value. Its `kind` is the name under which it is stored, `v` the version of its
shape: a stored shape never changes, a new one gets a new `v` and an upcaster.
"""

from __future__ import annotations

from typing import ClassVar

from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """A fact. `ref` is what it is about, for finding it again."""

    kind: ClassVar[str]
    v: ClassVar[int] = 1

    @property
    def ref(self) -> str:
        return ""
