-- RFC 6962's leaf hashes of the events after $2, $3 of them at most, made where the bytes are.
SELECT count(*) AS count, max(position) AS last, coalesce(string_agg(hash, ''::bytea ORDER BY position), ''::bytea) AS hashes
FROM (
    SELECT e.position, sha256('\x00'::bytea || e.state) AS hash
    FROM event AS e
    WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $2 + $3
) AS leaf
