-- The files of a ledger, the oldest events first.
SELECT first, last, file, bytes, sha256, archived_at FROM archive_file WHERE ledger_id = $1 ORDER BY first
