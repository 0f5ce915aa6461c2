import { expect } from 'vitest';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { conditionOf, startOperator } from '../controller/harness.ts';
import { eventually } from '../setup/cluster.ts';
import { merged } from './documents.ts';
import {
  type Change,
  type Immutable,
  type Refusal,
  SET_AT_CREATION,
  type Stall,
  type Value,
} from './mutations.ts';
import { stateOf } from './state.ts';
import { Subject } from './subject.ts';

/** Makes applications that have `field`, or are to get it, and an operator that works on them. */
async function subjects(field: string, beside?: Immutable['beside']) {
  const prepare = () => Subject.prepare(field, beside);
  const [mutated, fresh, former] = await Promise.all([prepare(), prepare(), prepare()]);
  const namespaces = [mutated, fresh, former].map(({ namespace }) => namespace);
  await startOperator({ namespaces });
  return { mutated, fresh, former };
}

async function live(subject: Subject, value: Value, rotated: Change['rotated']): Promise<void> {
  await subject.settle(value);
  if (rotated === undefined) return;
  subject.askForRotation();
  await subject.settle(value);
}

/** Changes one application, and compares it with another that was created with the new value. */
export async function endsLikeFresh(field: string, change: Change): Promise<void> {
  const { from, to, rotated, lasting, unseen } = change;
  const { mutated, fresh, former } = await subjects(field);

  await live(mutated, from, rotated === 'before' ? rotated : undefined);
  const before = await mutated.currentSecret();
  await mutated.settle(to);
  if (lasting === undefined && before !== undefined) {
    expect(await mutated.currentSecret()).toBe(before);
  }
  if (rotated === 'after') await live(mutated, to, rotated);

  // Where history alone makes the difference, spec is the same from the start.
  if (lasting !== undefined && rotated === 'before') fresh.askForRotation();
  await live(fresh, to, lasting === undefined ? rotated : undefined);
  const expected = merged(await stateOf(fresh), lasting?.state ?? {});
  await eventually(async () => expect(await stateOf(mutated)).toEqual(expected));

  if (lasting !== undefined || unseen !== undefined) return;
  await live(former, from, rotated);
  const { spec: _formerSpec, ...formerState } = await stateOf(former);
  const { spec: _spec, ...state } = expected;
  expect(state).not.toEqual(formerState);
}

/** Gives an application a value that the operator cannot work with, and then the one before. */
export async function recovers(field: string, change: Change, stall: Stall): Promise<void> {
  const { mutated, fresh } = await subjects(field);
  await live(mutated, change.from, change.rotated);
  const before = await stateOf(mutated);
  await live(fresh, change.from, change.rotated);
  expect(before).toEqual(await stateOf(fresh));

  await mutated.settle(stall.value);
  const stalled = await mutated.application('web');
  expect(conditionOf(stalled, 'Stalled')).toMatchObject({ status: 'True', reason: stall.reason });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain(`spec.${field}`);

  await mutated.settle(change.from);
  await eventually(async () => expect(await stateOf(mutated)).toEqual(before));
}

/** Tries to change, to remove and to add a field that is set at creation or never. */
export async function staysAsCreated(field: string, mutation: Immutable): Promise<void> {
  const { immutable, beside } = mutation;
  const [value, other] = immutable;
  // The rule is on the whole of a reference: it tells of that, not of its parts.
  const [root] = field.split('.');
  const rule = [`spec.${root}`, SET_AT_CREATION];
  const { mutated, fresh, former } = await subjects(field, beside);
  await mutated.settle(value);
  await expectRefusal(mutated, other, rule);
  const isPart = root !== field;
  await expectRefusal(mutated, undefined, isPart ? [`spec.${field}`, 'Required value'] : rule);
  await fresh.settle(value);
  expect(await stateOf(mutated)).toEqual(await stateOf(fresh));

  if (isPart) return;
  await former.settle(undefined);
  await expectRefusal(former, value, rule);
}

/** Tries values that the API server refuses, which changes nothing. */
export async function refuses(
  field: string,
  value: Value,
  refused: readonly Refusal[],
  beside?: Immutable['beside'],
): Promise<void> {
  const subject = await Subject.prepare(field, beside);
  await subject.apply(value);
  const before = await subject.application('web');
  for (const [invalid, ...says] of refused) {
    await expectRefusal(subject, invalid, [`spec.${field}`, ...says]);
  }
  expect(await subject.application('web')).toEqual(before);
}

async function expectRefusal(
  subject: Subject,
  value: Value,
  says: readonly string[],
): Promise<void> {
  const error: unknown = await subject.apply(value).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`${JSON.stringify(value)} was not refused`);
  for (const part of says) expect(error.message).toContain(part);
}
