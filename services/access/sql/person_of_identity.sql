SELECT person_id FROM person_identity WHERE identity = $1
