-- What a group keeps in order: each parcel (`key`) or the whole queue (`queue`); given when it is made.
ALTER TABLE subscription ADD COLUMN ordering TEXT NOT NULL DEFAULT 'key';
-- The last offset that a consumer acked: where its own database is, at the least.
ALTER TABLE subscription ADD COLUMN acked_to INTEGER NOT NULL DEFAULT 0;
