-- Decisions of reconciliation are documents too.

ALTER TABLE documents
    DROP CONSTRAINT documents_kind_check,
    ADD CONSTRAINT documents_kind_check
        CHECK (kind IN ('account', 'session', 'token', 'report', 'decision', 'setting'));
COMMENT ON TABLE documents IS 'Accounts, sessions, tokens, reports, decisions and settings.';
