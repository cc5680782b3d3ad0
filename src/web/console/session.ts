// Who is signed in, for menus and pages; the server decides again on every call.
import { computed, ref } from 'vue'
import { currentSession, signIn as apiSignIn, signOut as apiSignOut, type Session, type User } from '@shared/api'

export type Role =
  | 'data_officer'
  | 'provider_officer'
  | 'reviewer'
  | 'window_staff'
  | 'case_officer'
  | 'system_admin'
  | 'security_admin'
  | 'audit_admin'

export const user = ref<User | null>(null)
/** What the session must do before anything else. */
export const pending = ref<Session['pending']>(null)
export const organization = computed(() => user.value?.organization ?? null)

export function has(...roles: Role[]): boolean {
  return roles.some((role) => user.value?.roles.includes(role))
}

/** Of one's own department. */
export function own(code: string | undefined): boolean {
  return code !== undefined && code === organization.value?.code
}

export async function restore(): Promise<User | null> {
  const session = await currentSession()
  pending.value = session?.pending ?? null
  user.value = session?.user ?? null
  return user.value
}

export async function signIn(username: string, password: string, code: string): Promise<void> {
  const session = await apiSignIn(username, password, code)
  pending.value = session.pending
  user.value = session.user
}

export async function signOut(): Promise<void> {
  await apiSignOut()
  user.value = null
}
