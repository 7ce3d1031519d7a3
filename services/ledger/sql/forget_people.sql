DELETE FROM person_identity AS i WHERE i.person_id = ANY ($1::uuid[])
