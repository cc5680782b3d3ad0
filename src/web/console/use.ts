// Loading and acting, with the states every page shows.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ElMessage } from 'element-plus'

export interface Loaded<T> {
  data: ShallowRef<T | undefined>
  error: Ref<unknown>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/** Loads at once; a later call wins over an earlier one that answers late. */
export function useLoad<T>(load: () => Promise<T>, now = true): Loaded<T> {
  const data = shallowRef<T>()
  const error = ref<unknown>()
  const loading = ref(false)
  let turn = 0
  async function reload(): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = undefined
    try {
      const found = await load()
      if (mine === turn) {
        data.value = found
      }
    } catch (caught) {
      if (mine === turn) {
        error.value = caught
      }
    } finally {
      if (mine === turn) {
        loading.value = false
      }
    }
  }
  if (now) {
    void reload()
  }
  return { data, error, loading, reload }
}

export interface Action {
  busy: Ref<boolean>
  error: Ref<unknown>
  /** -> whether it succeeded */
  run: (work: () => Promise<unknown>, said?: string) => Promise<boolean>
}

/** One thing at a time: a second press while busy does nothing. */
export function useAction(): Action {
  const busy = ref(false)
  const error = ref<unknown>()
  async function run(work: () => Promise<unknown>, said?: string): Promise<boolean> {
    if (busy.value) {
      return false
    }
    busy.value = true
    error.value = undefined
    try {
      await work()
      if (said) {
        ElMessage({ message: said, type: 'success', grouping: true })
      }
      return true
    } catch (caught) {
      error.value = caught
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, error, run }
}
