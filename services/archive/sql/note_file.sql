INSERT INTO archive_file (ledger_id, first, last, file, bytes, sha256, archived_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
