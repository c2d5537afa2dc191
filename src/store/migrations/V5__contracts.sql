-- What a service contract is, when it was filed with the street, and when a committee applied for its filing.
--
-- The facts of things take the new values as they are; nobody has told them before. Only the projection gets columns.

ALTER TABLE areas ADD COLUMN contract_kind TEXT;
ALTER TABLE areas ADD COLUMN contract_filed_on DATE;
ALTER TABLE committees ADD COLUMN filing_applied_on DATE;
