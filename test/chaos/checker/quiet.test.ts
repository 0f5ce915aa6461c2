import { expect, test } from 'vitest';
import type { Condition, Status } from './observed.ts';
import { notes, Story, values } from './story.ts';
import { HOUR, MINUTE } from './times.ts';

function conditions(generation: number, ...told: readonly string[]): Condition[] {
  return told.map((text) => {
    const [type = '', status = '', reason = ''] = text.split(' ');
    return { type, status, reason, observedGeneration: generation };
  });
}

/** The second client secret was issued a minute ago, the first is retained; status tells so. */
function rotated(changes: Partial<Status> = {}): Story {
  const story = new Story();
  const first = story.now;
  story.secret('operator', { annotations: notes(1, first), data: values('v1') });
  story.later(HOUR).edit({ rotateAfter: story.now });
  const previous = {
    ...{ version: 1, issuedAt: first, retiredAt: story.now, expiresAt: story.now + HOUR },
  };
  story.secret('operator', {
    annotations: notes(2, story.now, previous),
    data: values('v2', 'v1'),
  });
  story.report({
    current: { version: 2, issuedAt: story.now },
    previous,
    conditions: conditions(3, 'Ready True Published', 'PreviousSecretRetained True Retained'),
    ...changes,
  });
  return story.later(MINUTE);
}

test('there is nothing to complain about where spec, Secret and status agree', () => {
  const story = rotated();
  expect(story.complaints).toEqual([]);
  expect(story.quiet()).toEqual([]);
});

test.each<[string, Partial<Status>]>([
  ['status: spec was not observed', { observedGeneration: 2 }],
  ['status: currentSecret has another version', { current: { version: 1, issuedAt: 0 } }],
  ['status: previousSecret has another version', { previous: undefined }],
  [
    'status: Ready is False NotPublished, not True Published',
    {
      conditions: conditions(3, 'Ready False NotPublished', 'PreviousSecretRetained True Retained'),
    },
  ],
  [
    'status: Ready is about another generation',
    { conditions: conditions(2, 'Ready True Published', 'PreviousSecretRetained True Retained') },
  ],
  [
    'status: lastRevocation has another version',
    { lastRevocation: { version: 1, time: 0, reason: 'Expired' } },
  ],
])('complains: %s', (complaint, changes) => {
  expect(rotated(changes).quiet()).toContain(complaint);
});

test.each<[string, (story: Story) => Story]>([
  [
    'revokePreviousSecret: a previous secret is valid',
    (story) => story.edit({ revokePreviousSecret: true }),
  ],
  [
    'revokeRetiredBefore: an older previous secret is valid',
    (story) => story.edit({ revokeRetiredBefore: boundary(story.now) }),
  ],
  [
    'revokeIssuedBefore: the current client secret is older',
    (story) => story.edit({ revokeIssuedBefore: boundary(story.now) }),
  ],
  ['an expired previous secret is valid', (story) => story.later(2 * HOUR)],
  ['an expired secret is in it', (story) => story.later(2 * HOUR)],
  [
    'the client secret was not brought to the Secret that spec names',
    (story) => story.edit({ secretName: 'moved' }),
  ],
  ['the owner is not as deletionPolicy says', (story) => story.edit({ deletionPolicy: 'Delete' })],
  ['labels: team is not as spec says', (story) => story.edit({ labels: { team: 'red' } })],
])('complains: %s', (complaint, change) => {
  expect(change(rotated()).quiet()).toContain(complaint);
});

/** The Secret is made immutable, and status tells `reason` of the previous client secret in it. */
function frozen(story: Story, reason: string): Story {
  const stuck = ['Ready False SecretImmutable', 'Stalled True SecretImmutable'];
  const told = conditions(story.generation, ...stuck, `PreviousSecretRetained True ${reason}`);
  return story.touch('user', { immutable: true }).tell(told);
}

test.each<[string, string, (story: Story) => Story]>([
  ['Retained', 'RevocationPending', (story) => story],
  ['RevocationPending', 'Retained', (story) => story.later(HOUR)],
  ['RevocationPending', 'Retained', (story) => story.edit({ revokePreviousSecret: true })],
])('of what is in an immutable Secret %s is told, not %s', (right, wrong, change) => {
  expect(frozen(change(rotated()), right).quiet()).toEqual([]);
  expect(frozen(change(rotated()), wrong).quiet()).toEqual([
    `status: PreviousSecretRetained is True ${wrong}, not True ${right}`,
  ]);
});

test('complains where a rotation is due and nothing holds it', () => {
  const story = new Story();
  story.secret('operator', { annotations: notes(1, story.now), data: values('v1') });
  story.later(HOUR).edit({ rotateAfter: story.now });
  expect(story.later(MINUTE).quiet()).toContain('a rotation is due and nothing holds it');
});

test('complains where there is no client secret', () => {
  expect(new Story().quiet()).toContain('no client secret was issued');
});

function boundary(time: number) {
  return { text: new Date(time).toISOString(), time };
}
