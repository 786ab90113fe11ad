from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tools.sizes import MB, sizes, table


def on_disk(folder: Path) -> int:
    """Return the size of all files of a folder, in bytes."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_blocks * 512 for path in files)


def test_every_file_counts_for_the_package_that_brought_it() -> None:
    prefix = Path(sys.prefix).resolve()
    before = on_disk(prefix)
    found = sizes(prefix)
    assert before <= found.total() <= on_disk(prefix), "other tests may add to it meanwhile"
    assert found["llvmlite"] > 100 * MB
    assert found["numpy"] > 30 * MB
    assert found["environment"] < found.total() / 2


def test_small_packages_share_a_line() -> None:
    rows = table(Counter({"numpy": 60 * MB, "six": MB, "idna": MB})).splitlines()[2:]
    assert rows == [
        "| `numpy` | 60 | arrays, with OpenBLAS |",
        "| 2 others | 2 | |",
        "| **all** | **62** | |",
    ]
