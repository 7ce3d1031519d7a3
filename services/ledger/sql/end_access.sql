-- Keys that act for an erased party end, and lose their labels: those may name it. Nobody has claimed it any more, or can.
-- So do the address of its calendar, and its reminders. Answers who had claimed it.
WITH erased AS (
    SELECT e.ledger_id, e.party_id FROM unnest($1::text[], $2::uuid[]) AS e (ledger_id, party_id)
), ended AS (
    UPDATE access_key AS a SET revoked_at = coalesce(a.revoked_at, now()), label = 'of an erased party'
    FROM erased AS e
    WHERE a.ledger_id = e.ledger_id AND e.party_id = ANY (a.parties)
    RETURNING a.ledger_id, a.key_id
), invitations AS (
    DELETE FROM claim_link AS c USING erased AS e WHERE c.ledger_id = e.ledger_id AND c.party_id = e.party_id
), claims AS (
    DELETE FROM claim AS c USING erased AS e WHERE c.ledger_id = e.ledger_id AND c.party_id = e.party_id
    RETURNING c.person_id
), calendars AS (
    DELETE FROM calendar_address AS c USING erased AS e WHERE c.ledger_id = e.ledger_id AND c.party_id = e.party_id
), digests AS (
    DELETE FROM digest AS d USING erased AS e WHERE d.ledger_id = e.ledger_id AND d.party_id = e.party_id
), links AS (
    DELETE FROM sign_in_link AS l USING ended AS d WHERE l.ledger_id = d.ledger_id AND l.key_id = d.key_id
)
SELECT DISTINCT c.person_id FROM claims AS c
