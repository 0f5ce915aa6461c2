import { openSync, readSync } from 'node:fs';

/**
 * Loaded before the operator by `node --import`: sets its wall clock wrong by the milliseconds in
 * the file that CHAOS_CLOCK names, a double in the machine's byte order, whatever it is just then.
 */
const file = openSync(process.env['CHAOS_CLOCK'] ?? '', 'r');
const offset = new Float64Array(1);
const bytes = new Uint8Array(offset.buffer);
const machineNow = Date.now.bind(Date);

function now(): number {
  readSync(file, bytes, 0, bytes.length, 0);
  return machineNow() + (offset[0] ?? 0);
}

Date.now = now;
globalThis.Date = new Proxy(Date, {
  apply: () => new Date(now()).toString(),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
});
