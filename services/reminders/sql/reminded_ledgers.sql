-- The ledgers that have a party to remind.
SELECT DISTINCT p.ledger_id FROM party AS p WHERE p.reminded_in IS NOT NULL ORDER BY p.ledger_id
