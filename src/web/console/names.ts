// Names of organizations, asked once: lists that carry codes only still show names.
import { shallowRef, type ShallowRef } from 'vue'
import { listCodeLists, readResource } from './api/catalogue'
import { listOrganizations, type Organization } from './api/admin'

const found = shallowRef<Organization[]>([])
let asked = false

export function organizations(): ShallowRef<Organization[]> {
  if (!asked) {
    asked = true
    listOrganizations().then(
      (page) => (found.value = page.items),
      () => (asked = false),
    )
  }
  return found
}

export function organizationName(code: string | null | undefined): string {
  if (!code) {
    return '—'
  }
  return organizations().value.find((one) => one.code === code)?.name ?? code
}

const codeLists = shallowRef<Map<string, string>>()

export function codeListName(code: string): string {
  if (!codeLists.value) {
    codeLists.value = new Map()
    listCodeLists().then(
      (page) => (codeLists.value = new Map(page.items.map((one) => [one.code, one.name]))),
      () => (codeLists.value = undefined),
    )
  }
  return codeLists.value?.get(code) ?? code
}

type Entry = { name: string; synthetic: boolean }
const resources = new Map<string, Promise<Entry>>()

/** What is said of a resource beside its ref, asked once; no more than the ref where the entry is not seen. */
function entryOf(ref: string): Promise<Entry> {
  let entry = resources.get(ref)
  if (!entry) {
    entry = readResource(ref).then(
      ({ name, synthetic }) => ({ name, synthetic }),
      () => ({ name: ref, synthetic: false }),
    )
    resources.set(ref, entry)
  }
  return entry
}

export async function resourceName(ref: string): Promise<string> {
  return (await entryOf(ref)).name
}

export async function isSynthetic(ref: string): Promise<boolean> {
  return (await entryOf(ref)).synthetic
}
