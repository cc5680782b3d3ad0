// What every list page shares: a filter that stands in the address, and a panel that opens beside the list.
import { computed, reactive, watch, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

type Values = Record<string, string | boolean>

export interface Filter<T extends Values> {
  filter: T
  /** What is set, as query parameters; changes when the filter does. */
  query: ComputedRef<{ [Name in keyof T]?: T[Name] }>
}

/** Begins with what the address says, else with `start`; the two stay in step, both ways. */
export function useFilter<T extends Values>(start: T): Filter<T> {
  const route = useRoute()
  const router = useRouter()
  const page = route.path
  const said = (name: string, usual: string | boolean) => {
    const value = route.query[name]
    return typeof value !== 'string' ? usual : typeof usual === 'boolean' ? value === 'true' : value
  }
  const read = () => Object.fromEntries(Object.entries(start).map(([name, usual]) => [name, said(name, usual)])) as T
  const filter = reactive(read() as Values) as T
  const query = computed(
    () => Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as { [Name in keyof T]?: T[Name] },
  )
  watch(filter, () => {
    const set = Object.entries(query.value).map(([name, value]) => [name, String(value)])
    void router.replace({ query: Object.fromEntries(set) as Record<string, string> })
  })
  // A link of the menu to this same page begins anew; a link away leaves the filter alone.
  watch(
    () => route.query,
    () => {
      const now = read()
      if (route.path === page && JSON.stringify(now) !== JSON.stringify(filter)) {
        Object.assign(filter, now)
      }
    },
  )
  return { filter, query }
}

/** The record that the address opens in a side panel, by the query parameter `name`. */
export function usePanel(name = 'id') {
  const route = useRoute()
  const router = useRouter()
  const opened = computed(() => (typeof route.query[name] === 'string' ? String(route.query[name]) : ''))
  const to = (id: string) => ({ query: { ...route.query, [name]: id } })
  const close = () => router.replace({ query: { ...route.query, [name]: undefined } })
  return { opened, to, close }
}

/** The box that the address asks for, where the caller has it; else `fallback`. */
export function askedBox(boxes: { value: string }[], fallback: string): string {
  const asked = useRoute().query.box
  return boxes.find((one) => one.value === asked)?.value ?? fallback
}
