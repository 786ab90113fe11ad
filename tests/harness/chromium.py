"""Where the Chromium of the browser tests is; ``tools/setup`` asks too, before it installs one."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def executable() -> str:
    """Path of the browser: one's own, Debian's package, or Playwright's inside ``.venv``.

    Raises
    ------
    FileNotFoundError
        There is none: says what to do.
    """
    if own := os.environ.get("SOTTOVOCE_CHROMIUM"):
        if not Path(own).is_file():
            raise FileNotFoundError(f"SOTTOVOCE_CHROMIUM={own}: no such file")
        return own
    if (debian := Path("/usr/bin/chromium")).is_file():
        return str(debian)
    spec = find_spec("playwright")
    if spec is not None and spec.origin is not None:
        browsers = Path(spec.origin).parent / "driver/package/.local-browsers"
        for found in sorted(browsers.glob("chromium-*/chrome-linux*/chrome")):
            return str(found)
    raise FileNotFoundError("no Chromium: `make setup-dev` installs one, or set SOTTOVOCE_CHROMIUM to yours")


if __name__ == "__main__":
    try:
        print(executable())
    except FileNotFoundError as error:
        sys.exit(str(error))
