SELECT party_id FROM claim_link WHERE ledger_id = $1 AND token = $2 AND expires_at > $3
