"""Ask the database of known vulnerabilities (OSV) about the exact versions that pyproject.toml names.

Ends with 0 where none is known, 1 where one is, and 2 where the database did not answer: then nothing was audited.
"""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_AUDITED = 2


def main(arguments: list[str]) -> int:
    """Run uv's audit over everything that is installed to run, test and check; arguments are handed on to it."""
    command = ["uv", "audit", "--preview-features", "audit-command", *arguments]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code not in {0, 1}:
        print("Nothing was audited: the database of vulnerabilities cannot be reached from here.", file=sys.stderr)
        return NOT_AUDITED
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
