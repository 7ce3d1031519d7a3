-- Taken away by whoever comes first: of two at once, one finds nothing.
DELETE FROM claim_link WHERE ledger_id = $1 AND token = $2 AND expires_at > $3
RETURNING party_id
