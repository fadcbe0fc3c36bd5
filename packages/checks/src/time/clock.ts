/** Time as the engine uses it. `now` never jumps when the machine's clock is set; `wall` is for people to read. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  now(): number;
  wall(): Date;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => new Date(),
};
