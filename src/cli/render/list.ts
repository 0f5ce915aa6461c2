import { conditionOf, trueCondition } from '../../api/conditions.ts';
import { parseTimestamp } from '../../api/timestamp.ts';
import type { Application } from '../application.ts';
import { overdueReason } from '../filters.ts';
import type { Paint } from '../terminal.ts';
import { type Cell, table } from './table.ts';
import { age, relative } from './time.ts';

const COLUMNS = ['NAME', 'READY', 'VERSION', 'ISSUED', 'PREVIOUS', 'ENDS', 'NEXT ROTATION', 'NOTE'];

/** Applications, a line each. */
export function renderList(
  applications: readonly Application[],
  options: { readonly withNamespace: boolean; readonly now: number; readonly paint: Paint },
): string {
  const { withNamespace, now, paint } = options;
  const rows = applications.map((application) => {
    const { namespace } = application.metadata;
    return withNamespace ? [namespace, ...row(application, now)] : row(application, now);
  });
  return table([withNamespace ? ['NAMESPACE', ...COLUMNS] : COLUMNS, ...rows], paint);
}

function row(application: Application, now: number): Cell[] {
  const { currentSecret, previousSecret, nextRotationTime } = application.status;
  const ready = conditionOf(application, 'Ready')?.status ?? 'Unknown';
  const issued = age(currentSecret?.issuedAt, now);
  return [
    application.metadata.name,
    ready === 'True' ? ready : { text: ready, style: 'red' },
    String(currentSecret?.version ?? ''),
    issued === '' ? '' : `${issued} ago`,
    String(previousSecret?.version ?? ''),
    when(previousSecret?.expiresAt, now),
    when(nextRotationTime, now),
    note(application, now),
  ];
}

function when(text: string | undefined, now: number): string {
  const time = parseTimestamp(text ?? '');
  return time === undefined ? '' : relative(time, now);
}

/** What somebody should look at, in the words of the conditions' reasons. */
function note(application: Application, now: number): Cell {
  const ready = conditionOf(application, 'Ready');
  const notes = [
    ready?.status === 'False' ? ready.reason : undefined,
    overdueReason(application, now),
    heldRevocation(application),
    trueCondition(application, 'RotationHeld')?.reason,
  ].filter((reason) => reason !== undefined);
  const text = [...new Set(notes)].join(', ');
  return text === '' ? '' : { text, style: 'yellow' };
}

function heldRevocation(application: Application): string | undefined {
  const reason = trueCondition(application, 'PreviousSecretRetained')?.reason;
  return reason === 'RevocationHeld' ? reason : undefined;
}
