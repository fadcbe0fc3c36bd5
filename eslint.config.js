import js from '@eslint/js';
import simpleImportSort from 'eslint-plugin-simple-import-sort';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** A busy machine is slow, not wrong: how long a test waits is said once for all, and nothing is judged by a clock. */
const unhurried = [
  {
    selector: 'Property[key.name="timeout"] > Literal[raw=/^[0-9]/]',
    message: 'Wait with the limits of @lockstep/servers/patience.',
  },
  {
    selector:
      'CallExpression[callee.property.name=/^(waitFor|poll|setDefaultTimeout)$/] > Literal[raw=/^[0-9]/]',
    message: 'Wait with the limits of @lockstep/servers/patience.',
  },
  {
    selector:
      'CallExpression[callee.name="expect"] > :matches(CallExpression[callee.property.name="now"], BinaryExpression:has(> CallExpression[callee.property.name="now"]))',
    message: 'Let what is waited for be something that happens, not a time that passes.',
  },
  {
    selector: 'CallExpression[callee.property.name="listen"] > Literal[raw=/^[1-9]/]',
    message: 'Listen on port 0: another run may have this one.',
  },
];
/** Also of what is tested, where it asks real servers. */
const unhurriedServers = [
  {
    selector: 'Property[key.name=/^(timeoutMs|connectTimeoutMs|waitMs)$/] > Literal[raw=/^[0-9]/]',
    message:
      'Say which: unhurriedMs, soonSilentMs where a server is silent on purpose, inVainMs for what will not come.',
  },
];

export default ts.config(
  {
    ignores: ['**/node_modules/', '**/build/', '**/.svelte-kit/', '**/.turbo/', '**/generated/'],
  },
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  {
    plugins: { 'simple-import-sort': simpleImportSort },
    languageOptions: {
      globals: { ...globals.node },
    },
    // What needs types is oxlint's, in .oxlintrc.json: it asks TypeScript's own, ten times as fast.
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // TypeScript itself finds undefined names, and knows the types this rule does not.
      'no-undef': 'off',
    },
  },
  {
    // What drifts by folder where nothing holds it: braces, order of imports, names of constants, width of comments.
    rules: {
      curly: ['error', 'multi-line'],
      'max-len': ['error', { code: 1000, comments: 120, ignoreUrls: true }],
      'no-duplicate-imports': 'error',
      'simple-import-sort/imports': ['error', { groups: [['^\\u0000', '^node:', '^@?\\w', '^#', '^\\.']] }],
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'variable', modifiers: ['const', 'global'], format: ['camelCase', 'PascalCase'] },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { parser: ts.parser },
    },
    rules: {
      // What must be reactive is declared so; a Map or Date that lives for one call must not be.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...unhurried] },
  },
  {
    files: ['**/test/**/*.{servers,browser,long,clusters}.test.ts', '**/test/**/support/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...unhurried, ...unhurriedServers] },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    rules: { '@typescript-eslint/naming-convention': 'off' },
  },
);
