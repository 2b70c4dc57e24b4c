-- The confirm path appends to `tail` alone; everything below it is written behind the confirm, in key order.
-- A place is `tenant/queue`.

-- storage_id, epoch, hub_time_ms, wall_ms
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

-- One row per batch that stored something.
CREATE TABLE tail (seq INTEGER PRIMARY KEY, segment INTEGER NOT NULL, blob BLOB NOT NULL) STRICT;

-- Sealed segments: all of their events are in `run`; what `tail` still has of them is on its way out.
CREATE TABLE segment (
  id INTEGER PRIMARY KEY,
  last_seq INTEGER NOT NULL,
  events INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  segment INTEGER NOT NULL,
  place TEXT NOT NULL,
  first_offset INTEGER NOT NULL,
  last_offset INTEGER NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (segment, place, first_offset)
) STRICT, WITHOUT ROWID;

-- As of the queue's last sealed segment; the tail knows better. `directory`: its latest segments, at most 64.
CREATE TABLE queue (
  place TEXT PRIMARY KEY,
  head INTEGER NOT NULL,
  first_kept INTEGER NOT NULL DEFAULT 1,
  directory BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Earlier pages of a queue's directory, each written once.
CREATE TABLE directory (
  place TEXT NOT NULL,
  first_offset INTEGER NOT NULL,
  entries BLOB NOT NULL,
  PRIMARY KEY (place, first_offset)
) STRICT, WITHOUT ROWID;

-- As of the lane's last sealed segment. `last_offset`: its latest event in the home queue, 0: none.
CREATE TABLE lane (
  place TEXT NOT NULL,
  producer TEXT NOT NULL,
  number INTEGER NOT NULL,
  last_offset INTEGER NOT NULL,
  PRIMARY KEY (place, producer)
) STRICT, WITHOUT ROWID;

CREATE TABLE producer (
  tenant TEXT NOT NULL,
  producer TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  PRIMARY KEY (tenant, producer)
) STRICT, WITHOUT ROWID;

-- The latest ids of each plain subject (`tenant/subject`), in the order of their commits.
CREATE TABLE plain_id (
  subject TEXT NOT NULL,
  seq INTEGER NOT NULL,
  fact INTEGER NOT NULL,
  id TEXT NOT NULL,
  place TEXT NOT NULL,
  offset INTEGER NOT NULL,
  PRIMARY KEY (subject, seq, fact)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim (
  tenant TEXT NOT NULL,
  parcel TEXT NOT NULL,
  state TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  store TEXT NOT NULL,
  zone TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  driver TEXT,
  ready_offset INTEGER NOT NULL,
  pool_offset INTEGER NOT NULL,
  PRIMARY KEY (tenant, parcel)
) STRICT, WITHOUT ROWID;
-- Only what is under way is listed, so these stay small.
CREATE INDEX claim_free ON claim (tenant, parcel) WHERE state = 'free';
CREATE INDEX claim_taken ON claim (tenant, driver, parcel) WHERE state = 'taken';

CREATE TABLE subscription (
  place TEXT NOT NULL,
  grp TEXT NOT NULL,
  types TEXT,
  policy TEXT NOT NULL,
  generation INTEGER NOT NULL,
  cursor INTEGER NOT NULL,
  open TEXT NOT NULL,
  open_count INTEGER NOT NULL,
  open_first INTEGER NOT NULL,
  offered_to INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  parked_count INTEGER NOT NULL,
  PRIMARY KEY (place, grp)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  place TEXT NOT NULL,
  grp TEXT NOT NULL,
  offset INTEGER NOT NULL,
  order_key TEXT NOT NULL,
  failed INTEGER NOT NULL,
  interrupted INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  alone INTEGER NOT NULL,
  stuck INTEGER NOT NULL,
  redrive INTEGER NOT NULL,
  notes TEXT NOT NULL,
  PRIMARY KEY (place, grp, offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_stuck ON attempt (place, grp) WHERE stuck = 1;

CREATE TABLE parked (
  place TEXT NOT NULL,
  grp TEXT NOT NULL,
  order_key TEXT NOT NULL,
  first INTEGER NOT NULL,
  offsets TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (place, grp, order_key, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_first ON parked (place, grp, first);

CREATE TABLE dead (
  place TEXT NOT NULL,
  grp TEXT NOT NULL,
  offset INTEGER NOT NULL,
  order_key TEXT NOT NULL,
  type TEXT NOT NULL,
  buried_at_ms INTEGER NOT NULL,
  redrive INTEGER NOT NULL,
  notes TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (place, grp, offset)
) STRICT;

CREATE TABLE name (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (tenant, sha256)
) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  by TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
