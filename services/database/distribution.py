"""Where each table lives once the database is spread over machines by Citus. docs/scaling.md has the rules.

A table that has a ``ledger_id`` is distributed by it, all of them alike, so that whatever belongs to one ledger is on
one machine. The others are named here.
"""

REFERENCE = {
    "person_identity": "tells who signed in, before any ledger is known, and is read beside claims of every ledger",
}
"""Tables that every machine has a whole copy of, and why."""
LOCAL = {
    "schema_migration": "read and written by migrating alone, on the coordinator",
}
"""Tables that stay on the coordinator, and why."""
