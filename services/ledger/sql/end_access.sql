-- Keys that act for an erased party end, and lose their labels: those may name it.
WITH ended AS (
    UPDATE access_key AS a SET revoked_at = coalesce(a.revoked_at, now()), label = 'of an erased party'
    FROM unnest($1::text[], $2::uuid[]) AS e (ledger_id, party_id)
    WHERE a.ledger_id = e.ledger_id AND e.party_id = ANY (a.parties)
    RETURNING a.ledger_id, a.key_id
)
DELETE FROM sign_in_link AS l USING ended AS d WHERE l.ledger_id = d.ledger_id AND l.key_id = d.key_id
