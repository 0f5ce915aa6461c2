const terminalIntervalMs = 1_000;
const logIntervalMs = 30_000;

/**
 * Shows on stderr that long work goes on: one line rewritten every second on a terminal, a line
 * every 30 s elsewhere, and a last one at the end.
 */
export function progressLine(describe: () => string): { end(): void } {
  const { isTTY } = process.stderr;
  const rewrite = () => process.stderr.write(`\r\x1b[K${describe()}`);
  const append = () => process.stderr.write(`${describe()}\n`);
  const timer = isTTY
    ? setInterval(rewrite, terminalIntervalMs)
    : setInterval(append, logIntervalMs);
  return {
    end() {
      clearInterval(timer);
      if (isTTY) process.stderr.write('\r\x1b[K');
      append();
    },
  };
}

/** Formats the time since a moment in milliseconds, like `8m05s`. */
export function elapsed(sinceMs: number): string {
  const seconds = Math.floor((Date.now() - sinceMs) / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
}
