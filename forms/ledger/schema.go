package ledger

// migrations bring a ledger from one version to the next; the first makes it.
// PRAGMA user_version counts those that were applied. One that was released is
// never changed.
var migrations = []string{
	`
-- One revision of one report. Times are milliseconds since 1970, NULL for none.
CREATE TABLE submission (
	id        INTEGER PRIMARY KEY,
	ref       TEXT    NOT NULL,            -- id that all revisions share
	revision  INTEGER NOT NULL,
	notice    TEXT    NOT NULL,
	unit      TEXT    NOT NULL,
	unit_key  TEXT    NOT NULL,            -- UnitKey(unit)
	kind      TEXT    NOT NULL,
	person    TEXT    NOT NULL,
	phone     TEXT    NOT NULL,
	email     TEXT    NOT NULL,
	created   INTEGER,                     -- by the sender's clock
	report    BLOB    NOT NULL,            -- report.json
	parts     INTEGER NOT NULL,
	-- worked out from the arrivals, whatever their order
	have       INTEGER NOT NULL DEFAULT 0, -- parts of which one copy is here
	completed  INTEGER,                    -- when the last part came first
	late       INTEGER NOT NULL DEFAULT 0,
	deliveries INTEGER NOT NULL DEFAULT 0, -- how often all parts came
	messages   INTEGER NOT NULL DEFAULT 0,
	conflicts  INTEGER NOT NULL DEFAULT 0,
	-- the last review
	status     TEXT    NOT NULL DEFAULT 'received',
	reviewed   INTEGER,
	UNIQUE (ref, revision)
) STRICT;
CREATE INDEX submission_notice ON submission (notice, unit_key);

-- Every package that came, also one that came before.
CREATE TABLE arrival (
	id         INTEGER PRIMARY KEY,
	submission INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
	part       INTEGER NOT NULL,
	sha256     TEXT    NOT NULL,
	source     TEXT    NOT NULL,
	message_id TEXT    NOT NULL,
	sender     TEXT    NOT NULL,
	forwarder  TEXT    NOT NULL,
	received   INTEGER NOT NULL,
	late       INTEGER NOT NULL,
	folder     TEXT    NOT NULL,
	conflict   TEXT    NOT NULL,           -- '' if the content is the one that counts
	UNIQUE (submission, part, source)
) STRICT;

CREATE TABLE review (
	id         INTEGER PRIMARY KEY,
	submission INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
	status     TEXT    NOT NULL,
	reasons    TEXT    NOT NULL,           -- JSON, by path of the question
	by         TEXT    NOT NULL,
	at         INTEGER NOT NULL
) STRICT;
CREATE INDEX review_submission ON review (submission);

CREATE TABLE receipt (
	id         INTEGER PRIMARY KEY,
	submission INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
	status     TEXT    NOT NULL,
	recipient  TEXT    NOT NULL,
	message_id TEXT    NOT NULL,
	at         INTEGER NOT NULL,
	UNIQUE (submission, message_id)
) STRICT;

-- Marks belong to a report with all its revisions.
CREATE TABLE shortlist (
	ref  TEXT NOT NULL,
	kind TEXT NOT NULL,
	at   INTEGER NOT NULL,
	PRIMARY KEY (ref, kind)
) STRICT, WITHOUT ROWID;

-- How far a mailbox was read, what of it was read, and what was no package.
CREATE TABLE position (
	account TEXT NOT NULL,
	folder  TEXT NOT NULL,
	data    BLOB NOT NULL,
	PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;
CREATE TABLE seen (
	source TEXT PRIMARY KEY,
	at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE unrecognised (
	source      TEXT PRIMARY KEY,
	sender      TEXT NOT NULL,
	subject     TEXT NOT NULL,
	attachments TEXT NOT NULL,             -- JSON
	problem     TEXT NOT NULL,
	received    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
