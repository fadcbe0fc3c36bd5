import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a running Lockstep; in production the service serves this page itself. */
const service = process.env['LOCKSTEP_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ fallback: '200.html' }),
      compilerOptions: {
        runes: ({ filename }) => (filename.split(/[/\\]/).includes('node_modules') ? undefined : true),
      },
    }),
  ],
  // Who wrote what the page is made of beside us: the page links to it.
  build: { license: { fileName: 'third-party.md' } },
  server: {
    proxy: {
      '/api': service,
      '/graphql': { target: service, ws: true },
    },
  },
});
