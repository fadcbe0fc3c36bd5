import type { Barrier } from './barrier.ts';

/**
 * The same barrier but for what is given in its place, and with what is given besides. All else that it tells, now and
 * whatever may be added, is asked of it each time.
 */
export function barrierBut<Given extends Partial<Barrier>, Of extends Barrier>(
  barrier: Of,
  given: Given,
): Of & Given {
  return new Proxy(barrier, {
    get(whole, name) {
      if (name in given) return Reflect.get(given, name);
      const value: unknown = Reflect.get(whole, name);
      return typeof value === 'function' ? (value.bind(whole) as unknown) : value;
    },
  }) as Of & Given;
}
