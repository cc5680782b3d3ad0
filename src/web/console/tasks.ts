// What waits for whom: the lists on the home page, by role.
import { t } from '@shared/i18n'
import { listRecords, listUsers } from './api/admin'
import { listResources } from './api/catalogue'
import { listRequests } from './api/exchange'
import type { Page } from './api/http'
import { listJobs } from './api/jobs'
import { listProposals } from './api/opening'
import { listCases, listObjections } from './api/services'
import { has } from './session'
import { auditName, jobKinds, lightOf, word } from './words'

interface Line {
  title: string
  to: string
  note?: string
  /** ref of a resource, shown by its name */
  resource?: string
  state?: string
  due?: { light: string | null; days_left: number | null; provisional: boolean }
}
export interface Task {
  title: string
  to: string
  empty?: string
  load: () => Promise<{ count: number; more: boolean; lines: Line[] }>
}

const shownMax = 6
const asked = 20

function task<T>(
  title: string,
  to: string,
  read: () => Promise<Page<T>>,
  line: (one: T) => Line,
  empty?: string,
): Task {
  return {
    title,
    to,
    empty,
    async load() {
      const page = await read()
      const more = page.total === undefined && !!page.next_cursor
      return { count: page.total ?? page.items.length, more, lines: page.items.slice(0, shownMax).map(line) }
    },
  }
}

function entries(title: string, state: string, review: boolean): Task {
  const query = { state, limit: asked, ...(review ? {} : { mine: true }) }
  return task(
    title,
    review ? `/review?state=${state}` : `/catalogue?mine=true&state=${state}`,
    () => listResources(query),
    (one) => ({
      title: one.name,
      to: review ? `/catalogue/${one.ref}/review` : `/catalogue/${one.ref}`,
      note: review ? one.provider.name : one.return_reason,
    }),
  )
}

function requests(title: string, box: 'sent' | 'received'): Task {
  return task(
    title,
    `/exchange/requests?box=${box}`,
    () => listRequests({ box, state: 'provider_review', limit: asked }),
    (one) => ({
      title: `${one.resource.name}（${box === 'sent' ? one.resource.provider.name : one.asker.name}）`,
      to: `/exchange/requests?box=${box}&id=${one.id}`,
      due: one,
    }),
  )
}

function proposals(title: string, state: string, review: boolean): Task {
  return task(
    title,
    review ? '/opening?box=review' : `/opening?state=${state}`,
    () => listProposals({ box: review ? 'review' : 'mine', state, limit: asked }),
    (one) => ({
      title: one.title,
      to: `/opening/${one.id}`,
      note: review ? one.organization.name : one.return_reason,
    }),
  )
}

function cases(title: string, box: 'intake' | 'decide', to: string): Task {
  return task(
    title,
    to,
    () => listCases({ box, limit: asked }),
    (one) => ({ title: `${one.item.name} · ${one.applicant}`, to: `${to}?case=${one.case_no}`, due: one }),
  )
}

function objections(): Task {
  return task(
    t('待核实的数据异议', 'Objections to verify'),
    '/objections?state=raised',
    () => listObjections({ state: 'raised', limit: asked }),
    (one) => ({
      title: `${one.resource.name}：${one.label}`,
      to: `/objections?id=${one.id}`,
      due: { light: lightOf(one.days_left), days_left: one.days_left, provisional: false },
    }),
  )
}

function jobs(): Task {
  return task(
    t('最近的任务', 'Recent jobs'),
    '/admin/jobs',
    () => listJobs({ limit: asked }),
    (one) => ({
      title: word(jobKinds, one.kind),
      to: `/admin/jobs?id=${one.id}`,
      resource: one.object,
      state: one.state,
    }),
    t('还没有任务', 'No jobs yet'),
  )
}

export function tasks(): Task[] {
  const found: Task[] = []
  if (has('data_officer')) {
    found.push(
      entries(t('退回待修改的目录', 'Entries returned'), 'returned', false),
      entries(t('目录草稿', 'Drafts'), 'draft', false),
      requests(t('我部门发出的在办申请', 'Requests we sent'), 'sent'),
      proposals(t('退回的开放申请', 'Proposals returned'), 'returned', false),
      objections(),
    )
  }
  if (has('provider_officer')) {
    found.push(requests(t('待我部门答复的共享申请', 'Requests to answer'), 'received'))
  }
  if (has('reviewer')) {
    found.push(
      entries(t('待审核目录', 'Entries to review'), 'submitted', true),
      entries(t('待发布目录', 'Entries to publish'), 'approved', true),
      proposals(t('待签发的开放申请', 'Proposals to sign off'), 'submitted', true),
    )
  }
  if (has('window_staff')) {
    found.push(cases(t('待收件办理', 'Cases to take in'), 'intake', '/services/intake'))
  }
  if (has('case_officer')) {
    found.push(cases(t('待审查决定', 'Cases to decide'), 'decide', '/services/decide'))
  }
  if (has('data_officer', 'system_admin')) {
    found.push(jobs())
  }
  if (has('system_admin', 'security_admin')) {
    const to = has('system_admin') ? '/admin/users' : '/admin/roles'
    found.push(
      task(
        t('没有角色的账号', 'Accounts without a role'),
        to,
        async () => {
          const page = await listUsers({ limit: 100 })
          return { ...page, items: page.items.filter((one) => one.roles.length === 0) }
        },
        (one) => ({ title: `${one.display_name}（${one.username}）`, to, note: one.organization?.name }),
        t('每个账号都有角色', 'Every account has a role'),
      ),
    )
  }
  if (has('audit_admin')) {
    found.push(
      task(
        t('最近的审计记录', 'Newest audit records'),
        '/admin/audit',
        () => listRecords({ limit: asked }),
        (one) => ({ title: auditName(one.action), to: '/admin/audit', note: one.principal }),
        t('还没有记录', 'No records yet'),
      ),
    )
  }
  return found
}
