SELECT to_regclass('pg_dist_partition') IS NOT NULL
