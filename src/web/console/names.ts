// Names of organizations, asked once: lists that carry codes only still show names.
import { shallowRef, type ShallowRef } from 'vue'
import { readResource } from './api/catalogue'
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

const resources = new Map<string, Promise<string>>()

/** Name of a resource, asked once; its ref where the reader may not see the entry. */
export function resourceName(ref: string): Promise<string> {
  let name = resources.get(ref)
  if (!name) {
    name = readResource(ref).then(
      (resource) => resource.name,
      () => ref,
    )
    resources.set(ref, name)
  }
  return name
}
