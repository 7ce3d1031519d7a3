"""Rewrite the exact versions in pyproject.toml: resolve everything anew, write the closure between the markers.

The constraints stand in pyproject.toml, not in uv.lock, because uv.lock names the registry that served the files.
"""

import pathlib
import subprocess
import sys

PYPROJECT = pathlib.Path(__file__).resolve().parent.parent / "pyproject.toml"
BEGIN, END = "# lock:begin\n", "# lock:end\n"


def main() -> None:
    """Resolve without the old constraints; on any failure put the file back as it was."""
    before = PYPROJECT.read_text(encoding="utf-8")
    head, _, rest = before.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        sys.exit(f"{PYPROJECT.name} lacks the lines {BEGIN.strip()!r} and {END.strip()!r}")
    written = False
    try:
        PYPROJECT.write_text(f"{head}{BEGIN}constraint-dependencies = []\n{END}{tail}", encoding="utf-8")
        closure = resolve()
        listed = "".join(f'    "{line}",\n' for line in closure)
        PYPROJECT.write_text(f"{head}{BEGIN}constraint-dependencies = [\n{listed}]\n{END}{tail}", encoding="utf-8")
        written = True
    finally:
        if not written:
            PYPROJECT.write_text(before, encoding="utf-8")
    subprocess.run(["uv", "lock", "--quiet"], check=True, cwd=PYPROJECT.parent)
    print(f"{len(closure)} exact versions written to {PYPROJECT.name}")


def resolve() -> list[str]:
    """Answer one `name==version ; marker` line for each package of the closure, on every platform."""
    subprocess.run(["uv", "lock", "--upgrade", "--quiet"], check=True, cwd=PYPROJECT.parent)
    export = ["uv", "export", "--quiet", "--all-groups", "--no-emit-project"]
    export += ["--no-hashes", "--no-annotate", "--no-header"]
    answer = subprocess.run(export, check=True, cwd=PYPROJECT.parent, capture_output=True, text=True)
    lines = (line.strip().replace('"', "'") for line in answer.stdout.splitlines())
    return [line for line in lines if line]


if __name__ == "__main__":
    main()
