-- The present for QGIS and other programs: what is true on the latest date of a record, as far as is known.

CREATE VIEW present AS
    SELECT t.kind, t.number, t.code, t.changed, v.valid_from, v.valid_until, v.recorded_from, v.boundary, v.facts
    FROM versions v JOIN things t ON t.id = v.thing
    WHERE v.recorded_until IS NULL
        AND (v.valid_from IS NULL OR v.valid_from <= (SELECT max(dated) FROM records))
        AND (v.valid_until IS NULL OR v.valid_until > (SELECT max(dated) FROM records));

CREATE VIEW district AS
    SELECT p.number AS id, p.code, p.facts->>'name' AS name, p.facts->>'attribution' AS attribution, b.geom
    FROM present p JOIN boundaries b ON b.id = p.boundary
    WHERE p.kind = 'district';

CREATE VIEW streets AS
    SELECT p.number AS id, p.code, p.facts->>'name' AS name, p.facts->>'stem' AS stem, p.facts->>'kind' AS kind,
        p.facts->>'initials' AS initials, p.facts->>'civil_affairs_code' AS civil_affairs_code,
        (p.facts->>'schematic')::boolean AS schematic, b.geom
    FROM present p JOIN boundaries b ON b.id = p.boundary
    WHERE p.kind = 'street';

CREATE VIEW communities AS
    SELECT p.number AS id, p.code, p.facts->>'name' AS name, p.facts->>'stem' AS stem, p.facts->>'street' AS street
    FROM present p
    WHERE p.kind = 'community';

CREATE VIEW managers AS
    SELECT p.number AS id, p.code AS uscc, p.facts->>'kind' AS kind, p.facts->>'name' AS name,
        p.facts->>'phone' AS phone, (p.facts->>'party_organisation')::boolean AS party_organisation,
        (p.facts->>'demo')::boolean AS demo
    FROM present p
    WHERE p.kind = 'manager';

CREATE VIEW areas AS
    SELECT p.number AS id, p.code, p.facts->>'name' AS name, p.facts->>'street' AS street,
        p.facts->>'community' AS community, p.facts->>'management' AS management, p.facts->>'quasi_kind' AS quasi_kind,
        a.facts->>'manager' AS manager, b.surface_m2 AS site_area_m2, p.facts->>'address' AS address,
        (p.facts->>'floor_area_m2')::double precision AS floor_area_m2, (p.facts->>'households')::bigint AS households,
        (p.facts->>'building_count')::bigint AS building_count, (p.facts->>'built_year')::integer AS built_year,
        (p.facts->>'fee_yuan_per_m2_month')::double precision AS fee_yuan_per_m2_month,
        (p.facts->>'contract_from')::date AS contract_from, (p.facts->>'contract_until')::date AS contract_until,
        p.facts->>'delimitation_document' AS delimitation_document, (p.facts->>'demo')::boolean AS demo,
        p.valid_from, p.valid_until, p.recorded_from, p.changed, b.geom
    FROM present p JOIN boundaries b ON b.id = p.boundary
        LEFT JOIN present a ON a.kind = 'assignment' AND a.code = p.code
    WHERE p.kind = 'area';

CREATE VIEW committees AS
    SELECT p.number AS id, p.code, p.facts->>'area' AS area, p.facts->>'kind' AS kind,
        (p.facts->>'formed_on')::date AS formed_on, (p.facts->>'filed_on')::date AS filed_on,
        p.facts->>'filing_number' AS filing_number, (p.facts->>'term_until')::date AS term_until,
        (p.facts->>'dissolved_on')::date AS dissolved_on, (p.facts->>'operating')::boolean AS operating,
        (p.facts->>'members')::integer AS members, (p.facts->>'party_organisation')::boolean AS party_organisation,
        (p.facts->>'party_since')::date AS party_since, (p.facts->>'demo')::boolean AS demo
    FROM present p
    WHERE p.kind = 'committee';

CREATE VIEW printed_figures AS
    SELECT p.number AS id, p.facts->>'rate' AS rate, (p.facts->>'percent')::double precision AS percent,
        (p.facts->>'numerator')::bigint AS numerator, (p.facts->>'denominator')::bigint AS denominator,
        p.facts->>'source' AS source, (p.facts->>'dated')::date AS dated
    FROM present p
    WHERE p.kind = 'figure';
