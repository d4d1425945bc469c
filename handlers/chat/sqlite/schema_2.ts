/**
 * What makes version 2 of version 1: invitations that can be listed and ended,
 * and what finds that which is kept for nobody without looking at everything.
 *
 * When the invitations of version 1 were made is not known: now, it says. Those
 * of the server's owner had no maker.
 */
export const SCHEMA_2 = `
CREATE TABLE new_invites (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  room INTEGER NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person INTEGER NOT NULL REFERENCES people,
  uses INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_invites (id, hash, room, person, uses, expires, created)
  SELECT lower(hex(randomblob(16))), i.hash, i.room,
    coalesce(i.person, o.person), i.uses, i.expires,
    CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM invites i LEFT JOIN (
    SELECT min(row) AS person FROM people WHERE is_owner = 1) o
  WHERE i.uses > 0 AND (i.person IS NULL AND o.person IS NOT NULL OR EXISTS (
    -- Whose maker might not invite any more was of no use.
    SELECT 1 FROM memberships m WHERE m.room = i.room
      AND m.person = i.person AND m.role <> 'member'));
DROP TABLE invites;
ALTER TABLE new_invites RENAME TO invites;
CREATE INDEX invites_of_room ON invites (room);
CREATE INDEX invites_of_person ON invites (person);
CREATE INDEX invites_by_end ON invites (expires);

-- Before this time it is not looked again whether a guest can go.
ALTER TABLE people ADD COLUMN look_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX people_to_look_at ON people (max(held_until, look_at))
  WHERE kind = 'guest' AND held_until IS NOT NULL;
-- What somebody has left. Of messages, the index of their ids tells it as well:
-- one more for each message would cost.
DROP INDEX messages_by_id;
CREATE UNIQUE INDEX messages_by_id ON messages (person, history, id);
CREATE INDEX versions_of_person ON versions (person);
CREATE INDEX reactions_of_person ON reactions (person);
CREATE INDEX mentions_of_person ON mentions (person);
CREATE INDEX attachments_of_person ON attachments (person);
CREATE INDEX tokens_of_person ON tokens (person);
CREATE INDEX bans_of_person ON bans (person);

CREATE INDEX bans_by_end ON bans (until) WHERE until IS NOT NULL;
CREATE INDEX sessions_by_use ON sessions (used);
CREATE INDEX rooms_unused ON rooms (created)
  WHERE kind <> 'private' AND offset = forgotten AND topic = '' AND slow = 0;
`;
