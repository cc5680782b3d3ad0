import { compare, wrk } from './shared.mjs'

export async function cases() {
  return [await compare('healthz, 64 connections', () => wrk(64, '"/healthz"', ''), null, { unit: 'requests/s', max: null })]
}
