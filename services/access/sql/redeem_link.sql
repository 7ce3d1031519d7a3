-- Taken away by whoever comes first: of two at once, one finds nothing. $4: whether it is redeemed on the machine itself.
DELETE FROM sign_in_link
WHERE ledger_id = $1 AND token = $2 AND expires_at > $3 AND ($4 OR NOT only_here)
RETURNING key_id
