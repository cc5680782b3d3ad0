/**
 * Rows as JSON, every number as it is written: 64-bit integers and decimals of more than fifteen digits would
 * change as JavaScript numbers, and 1.50 would lose its last digit.
 */
export function parseRows<T>(text: string): T {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"${token}"`,
  )
  return JSON.parse(quoted) as T
}
