import js from '@eslint/js';
import simpleImportSort from 'eslint-plugin-simple-import-sort';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** Of the page, for what Svelte's plugin knows. All other code is linted by oxlint, in .oxlintrc.json. */
export default ts.config(
  { ignores: ['**/generated/'] },
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  {
    plugins: { 'simple-import-sort': simpleImportSort },
    languageOptions: {
      globals: { ...globals.browser },
    },
    rules: {
      // TypeScript itself finds undefined names, and knows the types this rule does not.
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      curly: ['error', 'multi-line'],
      'max-len': ['error', { code: 1000, comments: 120, ignoreUrls: true }],
      'no-duplicate-imports': 'error',
      // What knows the browser's language takes a phone a tenth of a second to load.
      'no-restricted-properties': [
        'error',
        ...['localeCompare', 'toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'].map(
          (property) => ({
            property,
          }),
        ),
        ...['Collator', 'NumberFormat', 'PluralRules', 'Segmenter'].map((property) => ({
          object: 'Intl',
          property,
        })),
      ],
      'simple-import-sort/imports': ['error', { groups: [['^\\u0000', '^node:', '^@?\\w', '^#', '^\\.']] }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      // What must be reactive is declared so; a Map or Date that lives for one call must not be.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
);
