import type { Page } from './api/http'

export interface Column<T> {
  key: string
  title: string
  /** What sorting and export see; the slot of the same name may show more. */
  value?: (row: T) => string | number | boolean | null | undefined
  align?: 'right'
  width?: string
  /** Never broken over two lines: times, states, codes. */
  whole?: boolean
  /** Not sortable: buttons and the like. They are left out of exports. */
  fixed?: boolean
}

const rowsMax = 10_000

/** Every page of a list as CSV for Excel: byte-order mark, quoted, no cell that a spreadsheet would run. */
export async function saveCsv<T>(
  name: string,
  columns: Column<T>[],
  plain: (column: Column<T>, row: T) => string | number,
  load: (cursor?: string) => Promise<Page<T>>,
): Promise<void> {
  const shown = columns.filter((column) => !column.fixed)
  const lines = [shown.map((column) => quoted(column.title)).join(',')]
  let cursor: string | undefined
  do {
    const page = await load(cursor)
    for (const row of page.items) {
      lines.push(shown.map((column) => quoted(plain(column, row))).join(','))
    }
    cursor = page.next_cursor || undefined
  } while (cursor && lines.length < rowsMax)
  save(`${name}.csv`, new Blob(['\uFEFF', lines.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' }))
}

function quoted(value: string | number): string {
  const text = String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}

export function save(name: string, blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
