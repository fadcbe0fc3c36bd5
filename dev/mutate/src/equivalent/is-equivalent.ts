import type { Mutation } from '../mutation.ts';
import { alertRules } from './alert-rules.ts';
import { alerts } from './alerts.ts';
import { lag } from './lag.ts';
import { position } from './position.ts';
import { settle } from './settle.ts';
import { silences } from './silences.ts';

const equivalent = [...alertRules, ...alerts, ...lag, ...position, ...settle, ...silences];

export function isEquivalent({ file, was, becomes }: Mutation): boolean {
  return equivalent.some((each) => file.endsWith(each.file) && each.was === was && each.becomes === becomes);
}
