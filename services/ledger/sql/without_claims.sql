-- Of these persons those who have claimed nothing, in any ledger.
SELECT p.person_id
FROM unnest($1::uuid[]) AS p (person_id)
WHERE NOT EXISTS (SELECT FROM claims_anywhere(p.person_id))
