/** Prints lines with the seconds since it was made. */
export function progress(): (line: string) => void {
  const started = performance.now();
  return (line) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    console.log(`[${seconds} s] ${line}`);
  };
}
