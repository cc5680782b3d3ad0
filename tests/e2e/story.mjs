// The six steps of the path, in one story: what a step makes, the next one uses.
import { randomBytes } from 'node:crypto'
import { catalogue } from './story_catalogue.mjs'
import { exchange } from './story_exchange.mjs'
import { services } from './story_services.mjs'
import { available, StreetFiles } from './street_files.mjs'

export function story(browser) {
  const run = randomBytes(3).toString('hex')
  const told = { run, name: `徐州街道名录${run}`, slug: `streets-${run}`, ref: '' }
  if (!available()) {
    const skip = 'no real files: set PENGCHENG_TEST_DATA'
    const first = { name: 'steps 1 to 5 on real files', part: 'story', run: async () => ({ skip }) }
    return [first, ...services(browser, told)]
  }
  told.files = new StreetFiles()
  return [...catalogue(browser, told), ...exchange(browser, told), ...services(browser, told)]
}
