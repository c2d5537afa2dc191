-- What a service contract is, when it was filed with the street, and when a committee applied for its filing.
--
-- The facts of things take the new values as they are; nobody has told them before. Only the views of the present get
-- columns, at their ends, so that what others built on them stays.

CREATE OR REPLACE VIEW areas AS
    SELECT p.number AS id, p.code, p.facts->>'name' AS name, p.facts->>'street' AS street,
        p.facts->>'community' AS community, p.facts->>'management' AS management, p.facts->>'quasi_kind' AS quasi_kind,
        a.facts->>'manager' AS manager, b.surface_m2 AS site_area_m2, p.facts->>'address' AS address,
        (p.facts->>'floor_area_m2')::double precision AS floor_area_m2, (p.facts->>'households')::bigint AS households,
        (p.facts->>'building_count')::bigint AS building_count, (p.facts->>'built_year')::integer AS built_year,
        (p.facts->>'fee_yuan_per_m2_month')::double precision AS fee_yuan_per_m2_month,
        (p.facts->>'contract_from')::date AS contract_from, (p.facts->>'contract_until')::date AS contract_until,
        p.facts->>'delimitation_document' AS delimitation_document, (p.facts->>'demo')::boolean AS demo,
        p.valid_from, p.valid_until, p.recorded_from, p.changed, b.geom,
        p.facts->>'contract_kind' AS contract_kind, (p.facts->>'contract_filed_on')::date AS contract_filed_on
    FROM present p JOIN boundaries b ON b.id = p.boundary
        LEFT JOIN present a ON a.kind = 'assignment' AND a.code = p.code
    WHERE p.kind = 'area';

CREATE OR REPLACE VIEW committees AS
    SELECT p.number AS id, p.code, p.facts->>'area' AS area, p.facts->>'kind' AS kind,
        (p.facts->>'formed_on')::date AS formed_on, (p.facts->>'filed_on')::date AS filed_on,
        p.facts->>'filing_number' AS filing_number, (p.facts->>'term_until')::date AS term_until,
        (p.facts->>'dissolved_on')::date AS dissolved_on, (p.facts->>'operating')::boolean AS operating,
        (p.facts->>'members')::integer AS members, (p.facts->>'party_organisation')::boolean AS party_organisation,
        (p.facts->>'party_since')::date AS party_since, (p.facts->>'demo')::boolean AS demo,
        (p.facts->>'filing_applied_on')::date AS filing_applied_on
    FROM present p
    WHERE p.kind = 'committee';
