-- Who was bound first stays it.
INSERT INTO person_identity (identity, person_id) VALUES ($1, $2)
ON CONFLICT (identity) DO NOTHING
