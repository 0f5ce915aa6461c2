import type { ApplicationSpec } from '../../api/application.ts';
import { trueCondition } from '../../api/conditions.ts';
import { formatDuration, parseDuration } from '../../api/duration.ts';
import { parseTimestamp } from '../../api/timestamp.ts';
import type { Application } from '../application.ts';
import { justAfter } from '../boundary.ts';
import { type Field, managerOf } from '../ownership.ts';
import { moment, relative } from '../render/time.ts';
import { type Plan, withSpec } from './plan.ts';

export interface RotateOptions {
  /** When to rotate; left out: now. */
  readonly at?: string;
  /** How long the replaced secret stays valid; left out: as spec says. */
  readonly retain?: string;
}

/** `rotation.rotateAfter`: the current client secret is replaced, now or at a time to come. */
export function planRotation(application: Application, options: RotateOptions, now: number): Plan {
  return withSpec(application, (spec) => plan(application, spec, options, now));
}

function plan(
  application: Application,
  spec: ApplicationSpec,
  { at, retain }: RotateOptions,
  now: number,
): Plan {
  const current = application.status.currentSecret;
  if (current === undefined && at === undefined) {
    const message = 'no client secret is published yet, so there is none to rotate.';
    return { kind: 'refused', message };
  }
  const issuedAt = parseTimestamp(current?.issuedAt ?? '');
  const rotateAfter = at ?? justAfter(current?.issuedAt, now);
  const due = parseTimestamp(rotateAfter) ?? now;
  if (issuedAt !== undefined && issuedAt >= due) {
    const when = moment(current?.issuedAt ?? '', now);
    return {
      kind: 'nothing',
      message: `version ${current?.version} was issued after that: ${when}.`,
    };
  }
  const retained = parseDuration(retain ?? '') ?? spec.retainPreviousFor;
  if (spec.revokePreviousSecret && retained !== 0) {
    return { kind: 'refused', message: contradiction(application, retained) };
  }
  const stated: Field = { path: ['rotation', 'rotateAfter'], value: rotateAfter };
  return {
    kind: 'change',
    fields: [stated, ...(retain === undefined ? [] : [retention(retain)])],
    consequences: [consequence(application, due, retained, now)],
    irreversible: retained === 0,
    warnings: [
      ...obstacles(application, spec, due, now),
      ...(retain === '0s' && spec.retainPreviousFor !== 0 ? [lasting(spec)] : []),
    ],
    goal: { kind: 'rotation', stated },
  };
}

function retention(value: string): Field {
  return { path: ['rotation', 'retainPreviousFor'], value };
}

function lasting({ retainPreviousFor }: ApplicationSpec): string {
  return (
    'later rotations retain nothing either, until spec.rotation.retainPreviousFor is set again: ' +
    `it was ${formatDuration(retainPreviousFor)}.`
  );
}

function contradiction(application: Application, retained: number): string {
  const manager = managerOf(application, 'revokePreviousSecret');
  const by = manager === undefined ? '' : ` (set by field manager ${JSON.stringify(manager)})`;
  return (
    `spec.revokePreviousSecret is true${by}, so the replaced client secret could not stay valid for ` +
    `${formatDuration(retained)}. Set it to false first, or rotate with --retain none.`
  );
}

function consequence({ status }: Application, due: number, retained: number, now: number): string {
  const version = status.currentSecret?.version;
  const subject = version === undefined ? 'The client secret' : `Version ${version}`;
  const when = due > now ? relative(due, now) : 'now';
  return retained === 0
    ? `${subject}, the current client secret, is replaced ${when} and ends at that moment: ` +
        'consumers fail until they have read the new one.'
    : `${subject} is replaced ${when}, and stays valid for ${formatDuration(retained)} after.`;
}

function obstacles(
  application: Application,
  spec: ApplicationSpec,
  due: number,
  now: number,
): string[] {
  const { metadata, status } = application;
  const warnings: string[] = [];
  const planned = spec.rotateAfter;
  if (planned !== undefined && planned.time > now) {
    warnings.push(`this takes the place of the rotation that is planned for ${planned.text}.`);
  }
  if (spec.suspend) {
    warnings.push('spec.suspend is true: the rotation is held until it is false.');
  }
  if (trueCondition(application, 'RotationHeld')?.reason === 'RotationsPaused') {
    warnings.push(
      'the operator runs with --pause-rotations: the rotation is held until it does not.',
    );
  }
  const { previousSecret } = status;
  if (previousSecret !== undefined && (parseTimestamp(previousSecret.expiresAt) ?? 0) > due) {
    warnings.push(
      `version ${previousSecret.version} was promised to stay valid until ` +
        `${moment(previousSecret.expiresAt, now)}: the rotation is held until then. ` +
        `"kubectl keyturn revoke ${metadata.name}" ends it at once.`,
    );
  }
  return warnings;
}
