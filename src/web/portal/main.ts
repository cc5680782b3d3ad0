import '@shared/tokens.css'
import '@shared/base.css'
import './portal.css'
import { createApp, type Component } from 'vue'

// Each island is a chunk of its own, fetched only by pages that hold one.
const islands: Record<string, () => Promise<{ default: Component }>> = {
  chart: () => import('./islands/ChartIsland.vue'),
  grid: () => import('./islands/GridIsland.vue'),
  login: () => import('./islands/LoginIsland.vue'),
  register: () => import('./islands/RegisterIsland.vue'),
  security: () => import('./islands/SecurityIsland.vue'),
  'sign-out': () => import('./islands/SignOutIsland.vue'),
  'service-form': () => import('./islands/ServiceFormIsland.vue'),
  case: () => import('./islands/CaseIsland.vue'),
}

// What the server rendered stays until the island is there to take its place. Attributes become props.
async function enliven(place: HTMLElement): Promise<void> {
  const load = islands[place.dataset.island ?? '']
  if (!load) {
    return
  }
  const { default: component } = await load()
  const { island: _, ...props } = place.dataset
  place.dataset.live = ''
  // Keeps the page from jumping while the island fetches what the server had rendered.
  place.style.minHeight = `${place.offsetHeight}px`
  createApp(component, props).mount(place)
}

for (const place of document.querySelectorAll<HTMLElement>('[data-island]')) {
  void enliven(place)
}

// On a phone the filters wait folded above the results, unless one of them is in force.
if (matchMedia('(max-width: 900px)').matches) {
  for (const facet of document.querySelectorAll<HTMLDetailsElement>('.facets details')) {
    facet.open = facet.querySelector('[aria-current]') !== null
  }
}
