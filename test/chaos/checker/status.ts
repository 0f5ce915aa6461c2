import { untrueConditions } from './conditions.ts';
import type { Expectation, ReadableHome } from './expectation.ts';
import type { Status } from './observed.ts';
import { expiryOf } from './record.ts';
import { earliness } from './rotations.ts';
import { canShow } from './times.ts';

/** Where status differs from what is, once everything is quiet. */
export function untruths(expectation: Expectation): string[] {
  const { application, home } = expectation;
  const { status, generation, namespace, name, spec } = application;
  if (status === undefined) return ['there is no status'];
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(`status: ${complaint}`);
  };
  must(status.observedGeneration === generation, 'spec was not observed');
  for (const { type, observedGeneration } of status.conditions) {
    must(observedGeneration === generation, `${type} is about another generation`);
  }
  must(status.clientID === `${namespace}.${name}`, 'clientID differs');
  must(status.secretName === (home?.secret.name ?? spec.secretName), 'secretName differs');
  if (home !== undefined) complaints.push(...untrueSecrets(status, home, expectation));
  return [...complaints, ...untrueConditions(status.conditions, expectation)];
}

function untrueSecrets(status: Status, home: ReadableHome, expectation: Expectation): string[] {
  const { record, lineage } = home;
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(`status: ${complaint}`);
  };
  const { current, previous, lastRevocation } = status;
  must(current?.version === record.version, 'currentSecret has another version');
  must(current?.issuedAt === record.issuedAt, 'currentSecret has another issuedAt');
  must(previous?.version === record.previous?.version, 'previousSecret has another version');
  must(previous?.issuedAt === record.previous?.issuedAt, 'previousSecret has another issuedAt');
  must(previous?.retiredAt === record.previous?.retiredAt, 'previousSecret has another retiredAt');
  must(
    previous?.expiresAt === (record.previous && expiryOf(record.previous)),
    'previousSecret has another expiresAt',
  );
  const { lastEnding } = lineage;
  must(lastRevocation?.version === lastEnding?.version, 'lastRevocation has another version');
  if (lastRevocation !== undefined && lastEnding !== undefined) {
    const { reason, time } = lastRevocation;
    must(lastEnding.reasons.has(reason), `lastRevocation cannot be ${reason}`);
    // What does not depend on time is done by a wrong clock too, and told by it.
    const isTimed = reason !== 'Requested' && reason !== 'Removed';
    must(!isTimed || canShow(lastEnding.span, time), 'lastRevocation has another time');
  }
  must(isNextRotation(status.nextRotationTime, home, expectation), 'nextRotationTime is wrong');
  return complaints;
}

/** `every` is brought forward by a part that is not known here. */
function isNextRotation(
  next: number | undefined,
  { record }: ReadableHome,
  { application: { spec } }: Expectation,
): boolean {
  const { rotateAfter, every, suspend } = spec;
  const ranges: (readonly [from: number, to: number])[] = [];
  if (rotateAfter !== undefined && record.issuedAt < rotateAfter) {
    ranges.push([rotateAfter, rotateAfter]);
  }
  if (every !== undefined) {
    const latest = record.issuedAt + every;
    ranges.push([latest - earliness(every), latest]);
  }
  if (suspend || ranges.length === 0) return next === undefined;
  if (next === undefined) return false;
  const free = record.previous === undefined ? 0 : expiryOf(record.previous);
  const from = Math.max(free, Math.min(...ranges.map(([low]) => low)));
  const to = Math.max(free, Math.min(...ranges.map(([, high]) => high)));
  return next >= from && next <= to;
}
