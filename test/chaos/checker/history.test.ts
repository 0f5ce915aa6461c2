import { expect, test } from 'vitest';
import { notes, Story, values } from './story.ts';
import { HOUR, MINUTE } from './times.ts';

/** An application whose first client secret `v1` was issued an hour ago. */
function issued(): Story {
  const story = new Story();
  return story
    .secret('operator', { annotations: notes(1, story.now), data: values('v1') })
    .later(HOUR);
}

/** The second client secret `v2` was issued a minute ago, the first is retained for an hour. */
function rotated(): { story: Story; previous: Parameters<typeof notes>[2]; first: number } {
  const story = issued();
  const first = story.now - HOUR;
  const previous = {
    ...{ version: 1, issuedAt: first, retiredAt: story.now, expiresAt: story.now + HOUR },
  };
  story.edit({ rotateAfter: story.now });
  story.secret('operator', {
    annotations: notes(2, story.now, previous),
    data: values('v2', 'v1'),
  });
  return { story: story.later(MINUTE), previous, first };
}

test('a life without a fault gives no cause for complaint', () => {
  const { story, previous } = rotated();
  const second = story.now - MINUTE;
  story.later(HOUR).secret('operator', { annotations: notes(2, second), data: values('v2') });
  story.secret('user', { annotations: notes(2, second), data: values('by hand') });
  story.secret('operator', { annotations: notes(3, story.now), data: values('by hand') });
  story.secret('user', { annotations: notes(3, story.now), data: values('v1') });
  story.secret('operator', { annotations: notes(4, story.now), data: values('v4') });
  expect(previous).toBeDefined();
  expect(story.complaints).toEqual([]);
});

/** The Secret `moved` is made of `web`, as the operator read it. */
function moved(story: Story, issuedAt: number): Story {
  const place = { name: 'moved', uid: 'secret-2' };
  return story.secret('operator', {
    ...place,
    annotations: notes(1, issuedAt),
    data: values('v1'),
  });
}

test.each<[string, (story: Story, annotations: Record<string, string>) => Story]>([
  ['nobody touched', (story) => story],
  [
    'somebody has just edited',
    (story, annotations) => story.secret('user', { annotations, data: values('by hand') }),
  ],
  [
    'somebody has just deleted',
    (story, annotations) => story.gone('user', { annotations, data: values('v1') }),
  ],
])('a move may copy a Secret that %s', (_, change) => {
  const story = issued();
  const issuedAt = story.now - HOUR;
  change(story.edit({ secretName: 'moved' }), notes(1, issuedAt));
  expect(moved(story, issuedAt).complaints).toEqual([]);
});

test('a move must not copy a Secret as it was before the operator wrote it', () => {
  const { story, first } = rotated();
  expect(moved(story.edit({ secretName: 'moved' }), first).complaints).toContain(
    'a client secret was issued although web held one',
  );
});

const sins: Readonly<Record<string, () => Story>> = {
  'an ended value (v1) was published again under previous-client-secret': () => {
    const { story } = rotated();
    const second = story.now - MINUTE;
    return story
      .later(HOUR)
      .secret('operator', { annotations: notes(2, second), data: values('v2') })
      .secret('operator', { annotations: notes(2, second), data: values('v2', 'v1') });
  },
  'the current client secret was taken away': () =>
    issued().secret('operator', {
      annotations: notes(1, Date.parse('2026-11-24T10:00:00Z')),
      data: { 'client-id': 'shop.web' },
    }),
  'version 3 does not follow version 1': () => {
    const story = issued();
    story.edit({ rotateAfter: story.now, retainPreviousFor: 0 });
    return story.secret('operator', { annotations: notes(3, story.now), data: values('v2') });
  },
  'issuedAt went back': () => {
    const story = issued();
    story.edit({ rotateAfter: story.now, retainPreviousFor: 0 });
    const before = Date.parse('2026-11-24T09:59:59Z');
    return story.secret('operator', { annotations: notes(2, before), data: values('v2') });
  },
  'issuedAt is not the time of the decision': () => {
    const story = issued();
    story.edit({ rotateAfter: story.now, retainPreviousFor: 0 });
    const ahead = story.now + 2 * MINUTE;
    return story.secret('operator', { annotations: notes(2, ahead), data: values('v2') });
  },
  'version 1 was replaced, which spec did not ask for in this way': () => {
    const story = issued();
    return story.secret('operator', { annotations: notes(2, story.now), data: values('v2') });
  },
  'version 2 was replaced, which spec did not ask for in this way': () => {
    const { story } = rotated();
    const previous = {
      ...{ version: 2, issuedAt: story.now - MINUTE },
      ...{ retiredAt: story.now, expiresAt: story.now + HOUR },
    };
    return story.secret('operator', {
      annotations: notes(3, story.now, previous),
      data: values('v3', 'v2'),
    });
  },
  'version 1 was ended before its time': () => {
    const { story } = rotated();
    const second = story.now - MINUTE;
    return story
      .later(58 * MINUTE)
      .secret('operator', { annotations: notes(2, second), data: values('v2') });
  },
  'the record of the previous secret changed': () => {
    const { story, previous } = rotated();
    const longer = previous && { ...previous, expiresAt: previous.expiresAt + HOUR };
    return story.secret('operator', {
      annotations: notes(2, story.now - MINUTE, longer),
      data: values('v2', 'v1'),
    });
  },
  'the key of the previous secret does not hold what was just replaced': () => {
    const story = issued();
    story.edit({ rotateAfter: story.now });
    const previous = {
      ...{ version: 1, issuedAt: story.now - HOUR },
      ...{ retiredAt: story.now, expiresAt: story.now + HOUR },
    };
    return story.secret('operator', {
      annotations: notes(2, story.now, previous),
      data: values('v2'),
    });
  },
  'an ended previous secret was left in place': () => {
    const { story } = rotated();
    const second = story.now - MINUTE;
    return story
      .edit({ revokePreviousSecret: true })
      .secret('operator', { annotations: notes(2, second), data: values('v2', 'v1') });
  },
  'a value that was there before (v1) was issued as version 3': () => {
    const { story } = rotated();
    const second = story.now - MINUTE;
    return story
      .later(HOUR)
      .secret('operator', { annotations: notes(2, second), data: values('v2') })
      .secret('user', { annotations: notes(2, second), data: values('v1') })
      .secret('operator', { annotations: notes(3, story.now), data: values('v1') });
  },
  'a new value that was set by hand was not accepted': () => {
    const story = issued();
    return story
      .secret('user', { annotations: notes(1, story.now - HOUR), data: values('by hand') })
      .secret('operator', { annotations: notes(2, story.now), data: values('v2') });
  },
  'a version was given while spec was suspended or gone': () => {
    const story = issued();
    story.edit({ suspend: true, rotateAfter: story.now, retainPreviousFor: 0 });
    story.quiet();
    return story.secret('operator', { annotations: notes(2, story.now), data: values('v2') });
  },
  'a client secret was issued although web held one': () => {
    const story = issued();
    return story.edit({ secretName: 'moved' }).secret('operator', {
      ...{ name: 'moved', uid: 'secret-2' },
      ...{ annotations: notes(1, story.now), data: values('v2') },
    });
  },
  'a Secret was taken over that nobody offered': () => {
    const story = new Story();
    return story
      .secret('user', { labels: {}, data: { 'client-secret': 'theirs' } })
      .secret('operator', { annotations: notes(1, story.now), data: values('theirs') });
  },
  'the only Secret with the current client secret was given up': () => {
    const story = issued();
    return story.gone('operator', {
      annotations: notes(1, story.now - HOUR),
      data: values('v1'),
    });
  },
  'foreign note changed': () => {
    const story = issued();
    const annotations = notes(1, story.now - HOUR);
    return story
      .secret('user', { annotations, data: { ...values('v1'), note: 'theirs' } })
      .secret('operator', { annotations, data: values('v1') });
  },
  'PreviousSecretRetained is False, but web holds one': () => {
    const { story } = rotated();
    const condition = { type: 'PreviousSecretRetained', status: 'False', reason: 'Revoked' };
    return story.report({ conditions: [{ ...condition, observedGeneration: 3 }] });
  },
};

test.each(Object.entries(sins))('complains: %s', (complaint, commit) => {
  expect(commit().complaints).toContain(complaint);
});

test('what a replica reports that is not the leader any more is not judged', () => {
  const { story } = rotated();
  const condition = { type: 'PreviousSecretRetained', status: 'False', reason: 'Revoked' };
  story.report({ conditions: [{ ...condition, observedGeneration: 3 }] }, true);
  expect(story.complaints).toEqual([]);
});

test('a boundary that was refused when everything was quiet is no reason for anything', () => {
  const story = issued();
  const time = story.now + 2 * HOUR;
  const text = new Date(time).toISOString();
  story.edit({ revokeIssuedBefore: { text, time } });
  story.quiet();
  story
    .later(3 * HOUR)
    .secret('operator', { annotations: notes(2, story.now), data: values('v2') });
  expect(story.complaints).toContain(
    'version 1 was replaced, which spec did not ask for in this way',
  );
});
