DELETE FROM calendar_address WHERE ledger_id = $1 AND party_id = $2
