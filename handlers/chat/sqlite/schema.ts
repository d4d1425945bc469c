/**
 * The tables of version 1. Times are milliseconds since 1970, lists are JSON,
 * and `person` columns are row numbers of `people`.
 *
 * Messages belong to a history, not to a room: a reset gives the room another
 * history, and what was in the old one is deleted bit by bit afterwards.
 */
export const SCHEMA_1 = `
CREATE TABLE people (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  -- NULL once somebody else may have the name.
  name_key TEXT UNIQUE,
  kind TEXT NOT NULL,
  is_bot INTEGER NOT NULL,
  is_owner INTEGER NOT NULL,
  password TEXT,
  held_until INTEGER,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX people_accounts ON people (kind) WHERE kind = 'account';

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  person INTEGER NOT NULL REFERENCES people,
  created INTEGER NOT NULL,
  used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_person ON sessions (person);

-- Those that no room has are what is left of a reset, or of an import that has
-- not come to its end.
CREATE TABLE histories (
  history INTEGER PRIMARY KEY AUTOINCREMENT
) STRICT;

CREATE TABLE rooms (
  row INTEGER PRIMARY KEY,
  room TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  topic TEXT NOT NULL,
  slow INTEGER NOT NULL,
  created INTEGER NOT NULL,
  history INTEGER NOT NULL UNIQUE REFERENCES histories,
  epoch TEXT NOT NULL,
  offset INTEGER NOT NULL,
  change INTEGER NOT NULL,
  -- Up to which offset messages are forgotten, and the last change of those.
  forgotten INTEGER NOT NULL,
  forgotten_change INTEGER NOT NULL
) STRICT;
CREATE INDEX rooms_public ON rooms (room) WHERE kind = 'public';

CREATE TABLE memberships (
  room INTEGER NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person INTEGER NOT NULL REFERENCES people,
  role TEXT NOT NULL,
  read INTEGER NOT NULL,
  muted_until INTEGER,
  PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_of_person ON memberships (person);
CREATE INDEX memberships_staff ON memberships (room) WHERE role <> 'member';

CREATE TABLE invites (
  hash TEXT PRIMARY KEY,
  room INTEGER NOT NULL REFERENCES rooms ON DELETE CASCADE,
  -- Who has to be an owner or moderator of the room, if anybody has.
  person INTEGER REFERENCES people,
  expires INTEGER NOT NULL,
  uses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_of_room ON invites (room);

CREATE TABLE messages (
  row INTEGER PRIMARY KEY,
  history INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  person INTEGER NOT NULL REFERENCES people,
  id TEXT NOT NULL,
  -- The name at that time.
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  time INTEGER NOT NULL,
  reply_to INTEGER,
  mentions TEXT,
  attachments TEXT,
  reactions TEXT,
  edited INTEGER,
  is_deleted INTEGER NOT NULL DEFAULT 0,
  -- The number of its last change.
  change INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX messages_by_offset ON messages (history, offset);
CREATE UNIQUE INDEX messages_by_id ON messages (history, person, id);
CREATE INDEX messages_by_change ON messages (history, change) WHERE change > 0;

-- All texts of a message that has changed, the present one too.
CREATE TABLE versions (
  message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
  version INTEGER NOT NULL,
  person INTEGER NOT NULL REFERENCES people,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (message, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE reactions (
  row INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
  emoji TEXT NOT NULL,
  person INTEGER NOT NULL REFERENCES people,
  UNIQUE (message, emoji, person)
) STRICT;

-- Who is mentioned by somebody else where, for the counts of unread ones.
CREATE TABLE mentions (
  history INTEGER NOT NULL,
  person INTEGER NOT NULL REFERENCES people,
  offset INTEGER NOT NULL,
  PRIMARY KEY (history, person, offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_by_offset ON mentions (history, offset);

CREATE TABLE attachments (
  hash TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  person INTEGER NOT NULL REFERENCES people,
  time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_by_time ON attachments (time);

CREATE TABLE attachment_uses (
  message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
  hash TEXT NOT NULL,
  PRIMARY KEY (message, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_uses_by_hash ON attachment_uses (hash);

-- The words of a message, under its row, and where it may be found: one token
-- for its history, and one more if that is public.
CREATE VIRTUAL TABLE search USING fts5 (
  scope, text,
  content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2',
  -- Beginnings of these lengths; longer ones are rare enough to be put together.
  prefix = '1 2 3'
);
-- Fewer, larger merges: each commit of messages makes a small part of the index.
INSERT INTO search (search, rank) VALUES ('automerge', 8);

-- An empty room means the whole server.
CREATE TABLE bans (
  room TEXT NOT NULL,
  person TEXT NOT NULL,
  target TEXT NOT NULL,
  moderator TEXT NOT NULL,
  addresses TEXT NOT NULL,
  until INTEGER,
  reason TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE banned_addresses (
  address TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (address, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX banned_addresses_of_person ON banned_addresses (person);

CREATE TABLE audit (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  action TEXT NOT NULL,
  room TEXT,
  moderator TEXT NOT NULL,
  person TEXT,
  detail TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_of_room ON audit (room, n);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  person INTEGER NOT NULL REFERENCES people,
  room TEXT,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
