"""Time the check of the whole record against frictionless on the same package."""

from frictionless import Package
from timing import seconds, tell

import normlib
from normlib.package import DESCRIPTOR, data_folder

RECORD = data_folder() / "turkiye-armenia"


def main() -> None:
    """Print both times, the rows, and the ratio."""
    rows = sum(len(frame) for frame in normlib.load(RECORD).tables.values())
    ours = seconds(lambda: normlib.check(RECORD))
    theirs = seconds(lambda: Package(str(RECORD / DESCRIPTOR)).validate())
    tell("rows", rows)
    tell("normlib check", ours, ".3f", f" s   {1000 * ours / rows:.3f} s per 1,000 rows")
    tell("frictionless validate", theirs, ".3f", " s")
    tell("ratio", ours / theirs, ".2f")


if __name__ == "__main__":
    main()
