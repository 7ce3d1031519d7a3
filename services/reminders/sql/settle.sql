-- What becomes of a digest that was claimed: done for the day (null), or anyone's again from a moment on. A claim that ran
-- out, and that somebody else has taken, is theirs. $1 ledger  $2 party  $3 claimed until  $4 until then from now on
UPDATE digest SET claimed_until = $4 WHERE ledger_id = $1 AND party_id = $2 AND claimed_until = $3
