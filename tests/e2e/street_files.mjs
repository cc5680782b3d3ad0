// Files of the story: the streets of Xuzhou from the real national list, with faults sown where a step needs them.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder =
  process.env.PENGCHENG_TEST_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))
const source = join(folder, 'admin-divisions-2023/streets.csv')
/** A workbook as Excel saved it. */
export const workbook = join(folder, 'xlsx-zh/demo__demo.xlsx')

export function available() {
  if (!existsSync(source) && process.env.CI === 'true') {
    throw new Error(`the real files are missing: ${source}`)
  }
  return existsSync(source)
}

export class StreetFiles {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'pengcheng-e2e-'))
    const rows = readFileSync(source, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.replaceAll('"', '').split(','))
    this.rows = rows
      .filter(([, , area]) => area.startsWith('3203'))
      .map(([code, name, area]) => [code, name, area])
    this.header = ['街道代码', '街道名称', '区县代码']
  }

  text(rows) {
    return [this.header, ...rows].map((row) => row.join(',')).join('\r\n') + '\r\n'
  }

  write(name, rows, encoding = 'UTF-8') {
    const path = join(this.folder, name)
    writeFileSync(path, this.text(rows))
    if (encoding !== 'UTF-8') {
      const converted = execFileSync('iconv', ['-f', 'UTF-8', '-t', encoding, path])
      writeFileSync(path, converted)
    }
    return path
  }

  /** As the department exports it: right throughout, in GB18030. */
  clean() {
    return this.write('街道名录.csv', this.rows, 'GB18030')
  }

  /** Two names missing, one code too long: three rows that cannot be stored. */
  broken() {
    const rows = this.rows.map((row) => [...row])
    rows[4][1] = ''
    rows[9][1] = ''
    rows[14][0] += '000'
    return this.write('街道名录-含问题行.csv', rows, 'GB18030')
  }

  /** Next month: one street renamed, one more, which is not of Xuzhou. */
  nextMonth() {
    const rows = this.rows.map((row) => [...row])
    rows[0][1] += '（更名）'
    rows.push(['110101001', '东华门街道', '110101'])
    return this.write('街道名录-次月.csv', rows)
  }

  /** The month after, the whole list again: one street was given up. */
  monthAfter() {
    const rows = this.rows.map((row) => [...row])
    rows[0][1] += '（更名）'
    rows.splice(5, 1)
    rows.push(['110101001', '东华门街道', '110101'])
    return this.write('街道名录-再次月.csv', rows)
  }

  /** The rejected lines as downloaded, with what was wrong put right; the reason column stays. */
  mended(path) {
    const text = execFileSync('iconv', ['-f', 'GB18030', '-t', 'UTF-8', path]).toString()
    const [header, ...lines] = text.trim().split(/\r?\n/)
    const names = new Map(this.rows.map(([code, name]) => [code, name]))
    const mended = lines.map((line) => {
      const cells = line.split(',')
      cells[0] = cells[0].slice(0, 9)
      cells[1] = names.get(cells[0])
      return cells.join(',')
    })
    const out = join(this.folder, '改好的问题行.csv')
    writeFileSync(out, [header, ...mended].join('\r\n') + '\r\n')
    writeFileSync(out, execFileSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030', out]))
    return { path: out, header: header.split(','), lines }
  }
}
