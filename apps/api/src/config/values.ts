export type ValueOrigin = 'file' | 'env' | 'default';

/** One effective setting, fit to be shown: a secret reads `••••`. */
export interface ConfigValue {
  /** e.g. `pairs.orders.lag.warning`; pairs and servers by name. */
  path: string;
  /** As it would be written in the file, e.g. `10s`. */
  value: string;
  origin: ValueOrigin;
  /** `lockstep.yaml:12` or the variable's name; null for a default. */
  originName: string | null;
}
