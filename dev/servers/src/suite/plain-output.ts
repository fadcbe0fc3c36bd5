/** For what is started: no telemetry, and colours only where a person sees them. */
export const plainOutput: NodeJS.ProcessEnv = {
  TURBO_TELEMETRY_DISABLED: '1',
  ...(process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' }),
};
