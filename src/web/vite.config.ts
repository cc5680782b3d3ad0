import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { existsSync } from 'node:fs'
import { defineConfig } from 'vite'
import { precompress } from './build/precompress.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Two entries: islands for the server-rendered pages, and the staff console (a page of its own).
const input: Record<string, string> = { portal: at('portal/main.ts') }
if (existsSync(at('console/index.html'))) {
  input.console = at('console/index.html')
}

export default defineConfig({
  root: at('.'),
  base: '/',
  plugins: [vue(), precompress()],
  resolve: { alias: { '@shared': at('shared') } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0, // the CSP has no data: for fonts, and inlined files cannot be cached
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input },
  },
})
