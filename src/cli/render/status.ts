import { conditionOf } from '../../api/conditions.ts';
import { type Application, isObserved } from '../application.ts';
import type { EventObject } from '../events.ts';
import type { Paint } from '../terminal.ts';
import { type Cell, table } from './table.ts';
import { age, moment, span } from './time.ts';

/** What is shown of the events: the events, or why there are none to show. */
export type ShownEvents = readonly EventObject[] | { readonly unavailable: string };

/** One application in full. A section is absent where there is nothing that it could tell of. */
export function renderStatus(
  application: Application,
  events: ShownEvents,
  { now, paint }: { readonly now: number; readonly paint: Paint },
): string {
  const { currentSecret, previousSecret, lastRevocation, nextRotationTime } = application.status;
  const section = (title: string, rows: readonly (readonly Cell[])[]) =>
    rows.length === 0 ? '' : `\n${paint('bold', title)}\n${table(rows, paint, '  ')}`;
  return [
    table(summary(application), paint),
    section('Current Client Secret', [
      ...(currentSecret === undefined
        ? []
        : [
            ['Version:', String(currentSecret.version)],
            ['Issued:', moment(currentSecret.issuedAt, now)],
          ]),
      ...(nextRotationTime === undefined
        ? []
        : [['Next rotation:', moment(nextRotationTime, now)]]),
    ]),
    section(
      'Previous Client Secret',
      previousSecret === undefined
        ? []
        : [
            ['Version:', String(previousSecret.version)],
            ['Issued:', moment(previousSecret.issuedAt, now)],
            ['Replaced:', moment(previousSecret.retiredAt, now)],
            ['Valid until:', moment(previousSecret.expiresAt, now)],
            ['Last used:', lastUse(previousSecret.lastUsedAt, now)],
          ],
    ),
    section(
      'Last Revocation',
      lastRevocation === undefined
        ? []
        : [
            ['Version:', String(lastRevocation.version)],
            ['Ended:', moment(lastRevocation.time, now)],
            ['Reason:', lastRevocation.reason],
          ],
    ),
    section('Conditions', conditionRows(application, now)),
    'unavailable' in events
      ? `\n${paint('bold', 'Events')}\n  ${events.unavailable}\n`
      : section('Events', eventRows(events, now)),
  ].join('');
}

function summary(application: Application): Cell[][] {
  const { metadata, spec, status } = application;
  const ready = conditionOf(application, 'Ready');
  const provider = spec.providerRef;
  const text = ready === undefined ? 'Unknown' : `${ready.status} (${ready.reason})`;
  const note = isObserved(application) ? '' : ', but the operator has not seen the newest spec yet';
  return [
    ['Name:', metadata.name],
    ['Namespace:', metadata.namespace],
    ['Client ID:', status.clientID ?? spec.clientID ?? `${metadata.namespace}.${metadata.name}`],
    ['Secret:', status.secretName ?? spec.secret?.name ?? metadata.name],
    ...(provider === undefined ? [] : [['Provider:', `${provider.kind}/${provider.name}`]]),
    ['Ready:', { text: `${text}${note}`, style: ready?.status === 'True' ? 'green' : 'red' }],
  ];
}

function lastUse(lastUsedAt: string | undefined, now: number): string {
  return lastUsedAt === undefined ? 'not known' : moment(lastUsedAt, now);
}

function conditionRows({ status }: Application, now: number): string[][] {
  const rows = (status.conditions ?? []).map((condition) => [
    condition.type,
    condition.status,
    condition.reason,
    age(condition.lastTransitionTime, now),
    condition.message,
  ]);
  return rows.length === 0 ? [] : [['TYPE', 'STATUS', 'REASON', 'AGE', 'MESSAGE'], ...rows];
}

function eventRows(events: readonly EventObject[], now: number): Cell[][] {
  const rows = events.map(({ time, type, reason, note, count }): Cell[] => [
    `${span(now - time)}${count > 1 ? ` (x${count})` : ''}`,
    type === 'Warning' ? { text: type, style: 'yellow' } : type,
    reason,
    note,
  ]);
  return rows.length === 0 ? [] : [['AGE', 'TYPE', 'REASON', 'MESSAGE'], ...rows];
}
