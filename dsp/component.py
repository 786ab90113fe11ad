"""Base class of the estimators: the state is one record, which kernels read and write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

State = Any
"""A structured record: ``numpy.void`` outside kernels, an object with attributes inside them."""


class Component(ABC):
    """An estimator and its state.

    All state lies in one record, so that a kernel takes it as one argument and
    :func:`dsp.ears.process_hop` runs all components in one call. Results of a hop are fields of
    the record too. Every field can be read as an attribute of the component.

    Parameters
    ----------
    state : record of the type ``STATE``
        A new one unless given.
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
        """Set every field of the state to zero."""
        for name in self.STATE.names or ():
            self.state[name] = 0

    @abstractmethod
    def reset(self) -> None:
        """Return to the state before the first hop."""
