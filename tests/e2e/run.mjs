// Walks the platform in Chromium as the people of the demo would.
//   node tests/e2e/run.mjs --base-url URL --demo var/demo.json [--only WORD]
import { readFileSync } from 'node:fs'
import { Browser } from './browser.mjs'
import { pages } from './pages.mjs'
import { progress } from './progress.mjs'
import { story } from './story.mjs'

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]
}
const demoFile = option('demo', `${process.env.PENGCHENG_VAR ?? 'var'}/demo.json`)
const demo = JSON.parse(readFileSync(demoFile, 'utf8'))
const only = option('only', '')
const browser = await Browser.start(option('base-url', demo.base_url), demo)

const counts = { passed: 0, failed: 0, skipped: 0 }
const broken = new Set()
const said = []

/** `after` names tests whose outcome this one stands on: without them it would only fail for their reason. */
for (const test of [...story(browser), ...progress(browser), ...pages(browser)]) {
  if (only && !test.name.includes(only) && test.part !== only) {
    continue
  }
  const missing = (test.after ?? []).filter((name) => broken.has(name))
  if (missing.length) {
    counts.skipped += 1
    broken.add(test.name)
    console.log(`SKIP ${test.name} (${missing.join(', ')})`)
    continue
  }
  const began = Date.now()
  try {
    browser.takeFaults()
    const outcome = await test.run()
    if (outcome?.skip) {
      counts.skipped += 1
      broken.add(test.name)
      console.log(`SKIP ${test.name} (${outcome.skip})`)
      continue
    }
    const faults = browser.takeFaults()
    if (faults.length) {
      throw new Error(`errors in the page: ${faults.join(' | ')}`)
    }
    counts.passed += 1
    console.log(`PASS ${test.name} (${Date.now() - began} ms)`)
  } catch (error) {
    counts.failed += 1
    broken.add(test.name)
    await browser.shotOfFailure(test.name)
    said.push(`--- ${test.name}\n${error.stack ?? error}`)
    console.log(`FAIL ${test.name}: ${String(error.message ?? error).split('\n')[0]}`)
  } finally {
    await browser.closePages()
  }
}
await browser.stop()
for (const text of said) {
  console.error(text)
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
