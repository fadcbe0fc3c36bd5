import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { screenCode } from './scripts/screen-code.ts';

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
                { name: 'payload', test: /\/runtime\/client\/payload\.js$/, priority: 1 },
                {
                  name: 'shared',
                  // The framework looks for its own where it left it.
                  test: /\/(src\/lib|node_modules\/(?!@sveltejs))/,
                  minShareCount: 2,
                  entriesAware: true,
                  entriesAwareMergeThreshold: 24_000,
                },
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
