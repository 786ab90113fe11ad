"""Where the Firefox of the browser tests is; ``tools/setup`` asks too, before it installs one."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def executable() -> str:
    """Path of the browser: one's own, Debian's package, or any that is on the PATH.

    Raises
    ------
    FileNotFoundError
        There is none: says what to do.
    """
    if own := os.environ.get("SOTTOVOCE_FIREFOX"):
        if not Path(own).is_file():
            raise FileNotFoundError(f"SOTTOVOCE_FIREFOX={own}: no such file")
        return own
    for name in ("firefox-esr", "firefox"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("no Firefox: install it (Debian: firefox-esr), or set SOTTOVOCE_FIREFOX to yours")


if __name__ == "__main__":
    try:
        print(executable())
    except FileNotFoundError as error:
        sys.exit(str(error))
