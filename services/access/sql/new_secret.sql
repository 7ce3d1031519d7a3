-- The key's row is locked. Whatever opened it so far ends with the overlap at the latest; what has ended is cleared.
WITH cleared AS (
    DELETE FROM access_secret WHERE ledger_id = $1 AND key_id = $2 AND ends_at <= $4
),
ended AS (
    UPDATE access_secret SET ends_at = $5
    WHERE ledger_id = $1 AND key_id = $2 AND (ends_at IS NULL OR ends_at > $5)
)
INSERT INTO access_secret (ledger_id, key_id, number, hash, created_at)
SELECT $1, $2, max(s.number) + 1, $3, $4
FROM access_secret AS s
WHERE s.ledger_id = $1 AND s.key_id = $2
