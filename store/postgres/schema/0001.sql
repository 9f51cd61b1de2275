-- What the driver keeps beside the tables of collections and logs. Their names
-- begin with a letter, so these never meet them.

-- One row: what this schema is.
CREATE TABLE _schema (
	one    boolean PRIMARY KEY DEFAULT true CHECK (one),
	number integer NOT NULL, -- of the newest of these files that was run
	store  bigint  NOT NULL, -- store.SchemaVersion of the records
	layout bigint  NOT NULL  -- grows when a table that was there gets other indexes
);
INSERT INTO _schema (number, store, layout) VALUES (0, 0, 1);

-- What every table was made for, as JSON.
CREATE TABLE _table (
	name      text PRIMARY KEY,
	described text NOT NULL
);

-- Entries of logs that have no position yet, in the order they were written.
CREATE TABLE _inbox (
	seq   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	log   text  NOT NULL,
	value bytea NOT NULL
);
ALTER TABLE _inbox ALTER COLUMN value SET STORAGE EXTERNAL;

-- The position given last in each log. The row of the log '' is the lease of
-- whoever numbers: who locks it may.
CREATE TABLE _head (
	log  text PRIMARY KEY,
	last bigint NOT NULL
);
INSERT INTO _head VALUES ('', 0);

-- Bucket keys, wrapped by the master key, and the id of their set.
CREATE TABLE _bucket (
	bucket  integer NOT NULL,
	version bigint  NOT NULL,
	wrapped bytea   NOT NULL,
	PRIMARY KEY (bucket, version)
);
CREATE TABLE _bucket_set (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	id  bytea NOT NULL
);

-- _lock takes locks until the end of the transaction, in the order given. It
-- refuses to go on for who knows the tables otherwise than they are by now.
CREATE FUNCTION _lock(known bigint, ids bigint[], writes boolean[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. cardinality(ids) LOOP
		IF writes[i] THEN
			PERFORM pg_advisory_xact_lock(ids[i]);
		ELSE
			PERFORM pg_advisory_xact_lock_shared(ids[i]);
		END IF;
	END LOOP;
	IF known <> (SELECT layout FROM _schema WHERE one) THEN
		RAISE EXCEPTION 'the tables were changed by another version' USING ERRCODE = 'PF001';
	END IF;
END $$;

-- _same ends a transaction that read what is so no longer.
CREATE FUNCTION _same(same boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF same IS NOT TRUE THEN
		RAISE EXCEPTION 'what was read has changed' USING ERRCODE = 'serialization_failure';
	END IF;
END $$;
