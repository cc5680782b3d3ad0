-- Functions that every module's statements may use.

CREATE SCHEMA base;

-- A time as the API writes it: "2026-11-23T14:05:09.123+08:00". The city has no daylight saving, so the
-- offset is fixed and the function immutable.
CREATE FUNCTION base.rfc3339(at timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_char(at AT TIME ZONE interval '08:00', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+08:00"');
