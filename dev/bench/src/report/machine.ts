import { cpus, loadavg } from 'node:os';

/** What the figures were measured on, and how busy it was with other things. */
export function machine(): string {
  const processors = cpus();
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, load ${load}, Node ${process.version}`;
}
