/** What makes version 3 of version 2: it says how names were compared. */
export const SCHEMA_3 = `
-- The version of the skeletons that people.name_key holds.
CREATE TABLE name_keys (version INTEGER NOT NULL) STRICT;
INSERT INTO name_keys (version) VALUES (1);
`;
