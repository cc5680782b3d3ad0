// A load long enough to be watched: the page shows how far it is, how fast it goes and how long it will take.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { press, radio, sendFile } from './steps.mjs'

const rowCount = 1_500_000

/** Meter readings that no meter ever gave. */
async function readings(path) {
  const out = createWriteStream(path)
  out.write('编号,表号,读数,抄表日期,抄表员,备注\n')
  for (let start = 0; start < rowCount; start += 10_000) {
    const lines = []
    for (let no = start; no < start + 10_000; no += 1) {
      lines.push(`${no},M${String(no % 5000).padStart(6, '0')},${(no % 997) / 10},2026-0${1 + (no % 9)}-1${no % 10},某某,合成读数${no}`)
    }
    if (!out.write(`${lines.join('\n')}\n`)) {
      await once(out, 'drain')
    }
  }
  out.end()
  await once(out, 'finish')
}

/** A draft entry for the file, made as the page itself would. */
async function makeEntry(page, name) {
  const column = (label, id, type) => ({ name: label, column: id, type, length: type === 'C' ? 50 : null, nullable: true })
  const body = {
    class: 'department',
    name,
    abstract: '合成的抄表读数，用来看一次长时间的入库',
    synthetic: true,
    items: [
      column('编号', 'no', 'I'),
      column('表号', 'meter', 'C'),
      { ...column('读数', 'reading', 'N'), length: 18, scale: 2 },
      column('抄表日期', 'read_on', 'D'),
      column('抄表员', 'reader', 'C'),
      column('备注', 'note', 'C'),
    ],
  }
  return page.evaluate(async (entry) => {
    const { csrf_token } = await (await fetch('/api/v1/session')).json()
    const reply = await fetch('/api/v1/catalogue/resources', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf_token },
      body: JSON.stringify(entry),
    })
    return (await reply.json()).ref
  }, body)
}

export function progress(browser) {
  const run = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pengcheng-progress-'))
    try {
      const path = join(folder, '抄表读数.csv')
      await readings(path)
      const page = await browser.staff('data_officer', '/', { organization: '040' })
      const ref = await makeEntry(page, `抄表读数${randomBytes(3).toString('hex')}`)
      await page.goto(`/console/ingest/${ref}`)
      await browser.settled(page)
      await sendFile(page, path)
      await radio(page, '全量替换')
      await press(page, '入库')
      // Between nothing and all, with the rate and the time left beside it: all in one look.
      const seen = await page.waitForFunction(
        () => {
          const share = Number.parseInt(document.querySelector('.el-progress__text')?.textContent ?? '', 10)
          const pace = document.querySelector('.pace')?.textContent ?? ''
          return share > 0 && share < 100 && /\/秒 · 约剩 \d/.test(pace) ? { share, pace } : false
        },
        undefined,
        { timeout: 60_000 },
      )
      const first = await seen.jsonValue()
      await browser.shot(page, 'progress-1440')
      const later = await page.waitForFunction(
        (before) => {
          const bar = document.querySelector('.el-progress__text')
          return bar === null || Number.parseInt(bar.textContent ?? '', 10) > before
        },
        first.share,
        { timeout: 60_000 },
      )
      assert(await later.jsonValue(), 'it moves on')
      await page.getByRole('link', { name: '查看本批次和问题行' }).click({ timeout: 120_000 })
      await browser.settled(page)
      const facts = (await page.locator('dl.facts').innerText()).replaceAll(/\s+/g, ' ')
      assert(facts.includes(`入库 ${rowCount.toLocaleString('zh-CN')}`), facts)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  return [{ name: '2 a long load shows its share, rate and time left while it runs', part: 'story', run }]
}
