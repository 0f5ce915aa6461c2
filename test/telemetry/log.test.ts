import { expect, test } from 'vitest';
import { createLogger, type LogFormat } from '../../src/telemetry/log.ts';

const HOSTILE =
  'x\r\n{"level":"fatal","msg":"forged"}\u001b[2J\u007f\u0085\u009b2J\u2028\u202e\u2066\u{e0041}\\u001b';

/** What one entry comes to that says something hostile wherever it can. */
function logged(format: LogFormat): string {
  let text = '';
  const sink = { write: (line: string) => (text += line) };
  const log = createLogger({ level: 'info', format, sink });
  const error = HOSTILE;
  log.warn({ application: HOSTILE, error, [HOSTILE]: { nested: [HOSTILE] } }, HOSTILE);
  return text;
}

test('JSON: an entry is one line of letters and signs, and says what it was given', () => {
  const text = logged('json');
  expect(text).toMatch(/^[ -~]+\n$/);
  expect(JSON.parse(text)).toMatchObject({
    msg: HOSTILE,
    application: HOSTILE,
    error: HOSTILE,
    [HOSTILE]: { nested: [HOSTILE] },
  });
});

test('text: no entry begins a line but its own, and none steers a terminal', () => {
  const lines = logged('text').trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^[ -~]+$/);
  expect(lines[0]).toMatch(/^\[[^\]]+\] WARN: x\\u000d\\n\{"level"/);
  // pino-pretty gives the error a line of its own, which is indented.
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}error: "x/);
});
