import { builtinRules } from 'eslint/use-at-your-own-risk';

/** ESLint's own rules that oxlint has not yet. */
const names = ['max-len', 'no-restricted-syntax'];

export default {
  meta: { name: 'core' },
  rules: Object.fromEntries(names.map((name) => [name, builtinRules.get(name)])),
};
