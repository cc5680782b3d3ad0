// The pages and who may open them, by config/permissions.yaml. The server decides; this only keeps doors that
// would not open out of sight.
import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router'
import { t } from '@shared/i18n'
import { has, type Role } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    roles?: Role[]
  }
}

const catalogueReaders: Role[] = ['data_officer', 'provider_officer', 'reviewer', 'case_officer']
const dataStaff: Role[] = ['data_officer', 'provider_officer', 'reviewer']
const officer: Role[] = ['data_officer']
const administrators: Role[] = ['system_admin', 'security_admin', 'audit_admin']

export const pages: RouteRecordRaw[] = [
  { path: '', name: 'home', component: () => import('./pages/Home.vue') },
  { path: 'security', name: 'security', component: () => import('./pages/Security.vue') },
  {
    path: 'catalogue',
    component: () => import('./pages/catalogue/List.vue'),
    meta: { roles: catalogueReaders },
  },
  {
    path: 'catalogue/new',
    component: () => import('./pages/catalogue/Editor.vue'),
    meta: { roles: officer },
  },
  {
    path: 'review',
    component: () => import('./pages/catalogue/ReviewQueue.vue'),
    meta: { roles: ['reviewer'] },
  },
  {
    path: 'catalogue/:resource',
    component: () => import('./pages/catalogue/Detail.vue'),
    props: true,
    meta: { roles: catalogueReaders },
  },
  {
    path: 'catalogue/:resource/edit',
    component: () => import('./pages/catalogue/Editor.vue'),
    props: true,
    meta: { roles: officer },
  },
  {
    path: 'catalogue/:resource/review',
    component: () => import('./pages/catalogue/Review.vue'),
    props: true,
    meta: { roles: ['reviewer'] },
  },
  { path: 'ingest', component: () => import('./pages/ingest/List.vue'), meta: { roles: dataStaff } },
  {
    path: 'ingest/:resource',
    component: () => import('./pages/ingest/Batches.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  {
    path: 'ingest/:resource/batches/:id',
    component: () => import('./pages/ingest/Batch.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  { path: 'quality', component: () => import('./pages/quality/List.vue'), meta: { roles: dataStaff } },
  {
    path: 'quality/:resource',
    component: () => import('./pages/quality/Runs.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  {
    path: 'quality/:resource/rules',
    component: () => import('./pages/quality/Rules.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  {
    path: 'quality/:resource/runs/:id',
    component: () => import('./pages/quality/Report.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  {
    path: 'objections',
    component: () => import('./pages/quality/Objections.vue'),
    meta: { roles: dataStaff },
  },
  { path: 'exchange/find', component: () => import('./pages/exchange/Find.vue'), meta: { roles: officer } },
  {
    path: 'exchange/ask/:resource',
    component: () => import('./pages/exchange/Ask.vue'),
    props: true,
    meta: { roles: officer },
  },
  {
    path: 'exchange/requests',
    component: () => import('./pages/exchange/Requests.vue'),
    meta: { roles: dataStaff },
  },
  {
    path: 'exchange/grants',
    component: () => import('./pages/exchange/Grants.vue'),
    meta: { roles: dataStaff },
  },
  {
    path: 'exchange/accesses/:resource',
    component: () => import('./pages/exchange/Accesses.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  {
    path: 'exchange/clients',
    component: () => import('./pages/exchange/Clients.vue'),
    meta: { roles: officer },
  },
  { path: 'opening', component: () => import('./pages/opening/List.vue'), meta: { roles: dataStaff } },
  { path: 'opening/new', component: () => import('./pages/opening/Propose.vue'), meta: { roles: officer } },
  {
    path: 'opening/:id',
    component: () => import('./pages/opening/Proposal.vue'),
    props: true,
    meta: { roles: dataStaff },
  },
  {
    path: 'opening/:id/edit',
    component: () => import('./pages/opening/Propose.vue'),
    props: true,
    meta: { roles: officer },
  },
  {
    path: 'services/intake',
    component: () => import('./pages/services/Intake.vue'),
    meta: { roles: ['window_staff'] },
  },
  {
    path: 'services/decide',
    component: () => import('./pages/services/Decide.vue'),
    meta: { roles: ['case_officer'] },
  },
  {
    path: 'admin/organizations',
    component: () => import('./pages/admin/Organizations.vue'),
    meta: { roles: [...administrators, 'reviewer'] },
  },
  {
    path: 'admin/users',
    component: () => import('./pages/admin/Users.vue'),
    meta: { roles: ['system_admin'] },
  },
  {
    path: 'admin/roles',
    component: () => import('./pages/admin/Roles.vue'),
    meta: { roles: ['security_admin'] },
  },
  {
    path: 'admin/lockouts',
    component: () => import('./pages/admin/Lockouts.vue'),
    meta: { roles: ['security_admin'] },
  },
  {
    path: 'admin/audit',
    component: () => import('./pages/admin/Audit.vue'),
    meta: { roles: ['audit_admin'] },
  },
  {
    path: 'admin/jobs',
    component: () => import('./pages/admin/Jobs.vue'),
    meta: { roles: [...dataStaff, 'system_admin'] },
  },
  {
    path: 'admin/schedules',
    component: () => import('./pages/admin/Schedules.vue'),
    meta: { roles: ['reviewer', 'system_admin'] },
  },
]

export function allowed(to: Pick<RouteLocationNormalized, 'meta'>): boolean {
  return !to.meta.roles || has(...to.meta.roles)
}

interface Entry {
  to: string
  title: string
}
const groups: { title: string; entries: Entry[] }[] = [
  { title: '', entries: [{ to: '/', title: t('我的工作', 'My work') }] },
  {
    title: t('目录', 'Catalogue'),
    entries: [
      { to: '/catalogue', title: t('数据资源目录', 'Resources') },
      { to: '/catalogue/new', title: t('编制目录', 'New entry') },
      { to: '/review', title: t('目录审核', 'Review') },
    ],
  },
  {
    title: t('数据', 'Data'),
    entries: [
      { to: '/ingest', title: t('数据归集', 'Ingest') },
      { to: '/quality', title: t('数据质量', 'Quality') },
      { to: '/objections', title: t('数据异议', 'Objections') },
    ],
  },
  {
    title: t('共享', 'Exchange'),
    entries: [
      { to: '/exchange/find', title: t('找数据', 'Find data') },
      { to: '/exchange/requests', title: t('共享申请', 'Requests') },
      { to: '/exchange/grants', title: t('共享授权', 'Grants') },
      { to: '/exchange/clients', title: t('接入系统', 'Systems') },
    ],
  },
  { title: t('开放', 'Opening'), entries: [{ to: '/opening', title: t('数据开放', 'Open data') }] },
  {
    title: t('政务服务', 'Services'),
    entries: [
      { to: '/services/intake', title: t('窗口收件', 'Intake') },
      { to: '/services/decide', title: t('审查决定', 'Decisions') },
    ],
  },
  {
    title: t('管理', 'Administration'),
    entries: [
      { to: '/admin/organizations', title: t('组织机构', 'Organizations') },
      { to: '/admin/users', title: t('用户', 'Users') },
      { to: '/admin/roles', title: t('角色授权', 'Roles') },
      { to: '/admin/lockouts', title: t('登录锁定与密钥', 'Lock-outs and keys') },
      { to: '/admin/audit', title: t('审计记录', 'Audit') },
      { to: '/admin/jobs', title: t('任务', 'Jobs') },
      { to: '/admin/schedules', title: t('定时任务', 'Schedules') },
    ],
  },
]

function visible(to: string): boolean {
  const page = pages.find((one) => `/${one.path}` === to)
  return page !== undefined && allowed({ meta: page.meta ?? {} })
}

export function menu(): typeof groups {
  return groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => visible(entry.to)) }))
    .filter((group) => group.entries.length > 0)
}
