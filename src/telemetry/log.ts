import { destination, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { escaped, escapedJSON } from '../api/printable.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = 'text' | 'json';

/** Where lines of the log go. */
export interface LogSink {
  write(line: string): void;
}

/** A logger that writes a line an entry, to standard error unless `sink` is given. */
export function createLogger(options: {
  level: LogLevel;
  format: LogFormat;
  sink?: LogSink;
}): Logger {
  const sink = options.sink ?? destination({ fd: 2, sync: true });
  const settings = { level: options.level, base: null, timestamp: isoTime, formatters };
  const write = (line: string) => sink.write(escapedJSON(line));
  if (options.format === 'json') return pino(settings, { write });
  const prettify = prettyFactory({
    colorize: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
    singleLine: true,
    translateTime: false,
    timestampKey: 'time',
    messageFormat: (entry, key) => escaped(String(entry[key])),
  });
  return pino(settings, { write: (line: string) => write(prettify(line)) });
}

const isoTime = () => `,"time":"${new Date().toISOString()}"`;
const formatters = { level: (label: string) => ({ level: label }) };

/** What went wrong, in one line and without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
