"""What the parts of the ears have in common: state that is one record, which kernels read and write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

State = Any
"""A record: ``numpy.void`` outside the kernels, and inside them an object with attributes."""


class Component(ABC):
    """An estimator with its state.

    Everything that it remembers lies in one record, so that a kernel takes it as one argument and
    the ears take all parts in one call. What the part tells after a hop are fields of the record
    too; all fields can be read as attributes of the part.

    Parameters
    ----------
    state : record of the type ``STATE``
        One's own unless given.
    """

    STATE: ClassVar[np.dtype[np.void]]

    def __init__(self, state: State | None = None) -> None:
        self.state: State = np.zeros(1, self.STATE)[0] if state is None else state
        self.reset()

    def __getattr__(self, name: str) -> Any:
        if name == "state" or name not in (self.STATE.names or ()):
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return self.state[name]

    def zero_state(self) -> None:
        """Set all of the state to zero."""
        for name in self.STATE.names or ():
            self.state[name] = 0

    @abstractmethod
    def reset(self) -> None:
        """Forget everything heard."""
