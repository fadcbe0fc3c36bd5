import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { screenCode } from './scripts/screen-code.ts';
import { uplotWithoutLocales } from './scripts/uplot-without-locales.ts';

/** Where `npm run dev` finds a running Lockstep; in production the service serves this page itself. */
const service = process.env['LOCKSTEP_URL'] ?? 'http://127.0.0.1:8080';

const shared = /\/(src\/lib|node_modules\/(?!@sveltejs))/;

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ fallback: '200.html' }),
      compilerOptions: {
        runes: ({ filename }) => (filename.split(/[/\\]/).includes('node_modules') ? undefined : true),
      },
    }),
    uplotWithoutLocales(),
    screenCode(),
  ],
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: {
            // What screens share comes in a few files: over HTTP/1.1, dozens of small ones wait for each other.
            codeSplitting: {
              groups: [
                // Set before the framework is evaluated, which reads it then.
                { name: 'payload', test: /\/runtime\/client\/payload\.js$/, priority: 3 },
                // What begins needs it before that is set.
                { name: 'preload', test: /vite\/preload-helper/, priority: 3 },
                // Each group takes along all that it imports, but for those before it: none needs one that needs it.
                // SvelteKit stays out of them: it looks for its own where it left it.
                { name: 'svelte', test: /\/node_modules\/(svelte|esm-env|clsx)\//, priority: 2 },
                { name: 'common', test: shared, minShareCount: 6, priority: 1 },
                { name: 'shared', test: shared, minShareCount: 2 },
              ],
            },
          },
        },
      },
    },
  },
  // Who wrote what the page is made of beside us: the page links to it.
  build: { license: { fileName: 'third-party.md' } },
  server: {
    proxy: {
      '/api': service,
      '/graphql': { target: service, ws: true },
    },
  },
});
