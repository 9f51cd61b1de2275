package pgtest

// empty takes all rows out of SCHEMA but those that say what tables it has.
// A table that never had a row has no pages; taking out a few rows costs less
// than TRUNCATE's new files. Whoever gives entries of logs their positions ends
// first, or finds nothing.
const empty = `
DO $$
DECLARE
	t record;
BEGIN
	IF to_regclass('SCHEMA._head') IS NOT NULL THEN
		LOCK TABLE SCHEMA._head IN EXCLUSIVE MODE;
		DELETE FROM SCHEMA._head WHERE log <> '';
	END IF;
	FOR t IN
		SELECT c.oid::regclass AS name, pg_relation_size(c.oid) AS bytes
		FROM pg_class c
		WHERE c.relnamespace = 'SCHEMA'::regnamespace AND c.relkind = 'r'
			AND c.relname NOT IN ('_schema', '_table', '_head')
			AND pg_relation_size(c.oid) > 0
	LOOP
		IF t.bytes > 1 << 20 THEN
			EXECUTE 'TRUNCATE ' || t.name;
		ELSE
			EXECUTE 'DELETE FROM ' || t.name;
		END IF;
	END LOOP;
END
$$`
