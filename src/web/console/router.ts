import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { onSessionEnd } from './api/http'
import { allowed, pages } from './menu'
import { pending, restore, user } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    open?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory('/console/'),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./pages/SignIn.vue'),
      meta: { open: true },
    },
    {
      path: '/',
      component: () => import('./layout/Shell.vue'),
      children: [...pages, { path: ':rest(.*)*', component: () => import('./pages/NotFound.vue') }],
    },
  ],
})

function signInFrom(to: RouteLocationNormalized) {
  return { name: 'sign-in', query: to.fullPath === '/' ? {} : { return: to.fullPath } }
}

router.beforeEach(async (to) => {
  if (to.meta.open) {
    return true
  }
  if (!user.value) {
    try {
      await restore()
    } catch {
      return true // the server is away: the page says so itself
    }
    if (!user.value) {
      return signInFrom(to)
    }
  }
  if (pending.value && to.name !== 'security') {
    return { name: 'security', query: to.fullPath === '/' ? {} : { return: to.fullPath } }
  }
  return allowed(to) ? true : { path: '/', query: { refused: to.path } }
})

onSessionEnd(() => {
  user.value = null
  const here = router.currentRoute.value
  if (!here.meta.open) {
    void router.push(signInFrom(here))
  }
})
