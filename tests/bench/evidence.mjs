// The evidence of one delivery as a reference writes it: the same columns and indexes, one row, one commit.
import { psql } from './shared.mjs'

export function makeEvidenceTable() {
  psql('DROP TABLE IF EXISTS public.bench_evidence', 'DROP SEQUENCE IF EXISTS public.bench_evidence_seq',
    'CREATE TABLE public.bench_evidence (LIKE audit.evidence INCLUDING INDEXES)', 'CREATE SEQUENCE public.bench_evidence_seq CACHE 100')
}

export const evidenceInsert = (key) =>
  `INSERT INTO public.bench_evidence (at, seq, row_count, byte_count, chain, kind, id, context, hash, request_id, filter, subject, case_no, outcome) ` +
  `VALUES (now(), nextval('public.bench_evidence_seq'), 1, 350, 1, 1, gen_random_uuid(), '01900000-0000-7000-8000-000000000001', ` +
  `'\\x${'ab'.repeat(32)}', '01900000-0000-7000-8000-000000000002', 'credit_code=eq.${key}', '', '', 'complete');\n`
