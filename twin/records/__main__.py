"""``python -m twin.records examples/referrals``: writes the sample referrals anew; names after the folder pick some."""

from __future__ import annotations

import sys
from pathlib import Path

from twin.records.source import SOURCES, compile_referral
from twin.records.write import write_referral


def main(arguments: list[str]) -> int:
    """Write the referrals named, or all."""
    if not arguments:
        sys.stderr.write("usage: python -m twin.records FOLDER [NAME ...]\n")
        return 2
    folder, wanted = Path(arguments[0]), arguments[1:]
    for path in sorted(SOURCES.glob("*.yaml")):
        if not wanted or any(path.stem.startswith(name) for name in wanted):
            written = write_referral(compile_referral(path), folder / path.stem)
            sys.stdout.write(
                f"{path.stem}: {len(written)} files, {sum(len(content) for content in written.values()):,} bytes\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
