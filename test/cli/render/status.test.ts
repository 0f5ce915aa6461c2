import { expect, test } from 'vitest';
import type { EventObject } from '../../../src/cli/events.ts';
import { renderStatus } from '../../../src/cli/render/status.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { ALONE, application, at, DAY, HOUR, MINUTE, NOW, RETAINED } from '../applications.ts';

const options = { now: NOW, paint: plain };

function event(overrides: Partial<EventObject>): EventObject {
  const base = { metadata: { name: 'web.1' }, type: 'Normal', reason: 'SecretRotated' };
  return { ...base, note: 'Issued version 2.', time: NOW - HOUR, count: 1, ...overrides };
}

test('everything that there is to tell', () => {
  const retained = application(
    { ...RETAINED, nextRotationTime: at(30 * DAY) },
    { providerRef: { kind: 'OIDCProvider', name: 'keycloak' } },
  );
  expect(renderStatus(retained, [event({})], options)).toBe(
    `Name:        web
Namespace:   shop
Client ID:   web-shop
Secret:      web
Provider:    OIDCProvider/keycloak
Ready:       True (Published)

Current Client Secret
  Version:         2
  Issued:          2026-06-01T11:00:00.000Z (1h ago)
  Next rotation:   2026-07-01T12:00:00.000Z (in 30d)

Previous Client Secret
  Version:       1
  Issued:        2026-05-22T12:00:00.000Z (10d ago)
  Replaced:      2026-06-01T11:00:00.000Z (1h ago)
  Valid until:   2026-06-02T11:00:00.000Z (in 23h)
  Last used:     not known

Conditions
  TYPE                     STATUS   REASON      AGE   MESSAGE
  Ready                    True     Published   1h    Client secret version 2 is published in Secret web.
  PreviousSecretRetained   True     Retained    1h    Client secret version 1 stays valid.

Events
  AGE   TYPE     REASON          MESSAGE
  1h    Normal   SecretRotated   Issued version 2.
`,
  );
});

test('the section of the previous secret is absent where there is none', () => {
  const text = renderStatus(application(ALONE), [], options);
  expect(text).toContain('Current Client Secret');
  expect(text).not.toContain('Previous Client Secret');
  expect(text).not.toContain('Events');
});

test('the last use, where the identity provider tells it', () => {
  const previousSecret = {
    version: 1,
    issuedAt: at(-DAY),
    retiredAt: at(-HOUR),
    expiresAt: at(HOUR),
    lastUsedAt: at(-3 * MINUTE),
  };
  const text = renderStatus(application({ ...ALONE, previousSecret }), [], options);
  expect(text).toMatch(/Last used: +2026-06-01T11:57:00.000Z \(3m ago\)/);
});

test('the last revocation', () => {
  const lastRevocation = { version: 1, time: at(-HOUR), reason: 'RetiredBefore' } as const;
  const text = renderStatus(application({ ...ALONE, lastRevocation }), [], options);
  expect(text).toMatch(
    /Last Revocation\n {2}Version: +1\n {2}Ended: .*1h ago.*\n {2}Reason: +Retired/,
  );
});

test('an application that the operator has not seen: what spec says', () => {
  const text = renderStatus(application({}, { secret: { name: 'web-oidc' } }), [], options);
  expect(text).toContain('Client ID:   shop.web\n');
  expect(text).toContain('Secret:      web-oidc\n');
  expect(text).toContain('Unknown, but the operator has not seen the newest spec yet');
  expect(text).not.toContain('Current Client Secret');
});

test('events that cannot be had do not hide the rest', () => {
  const text = renderStatus(application(), { unavailable: 'not allowed' }, options);
  expect(text).toContain('\nEvents\n  not allowed\n');
});

test('a series of events is counted', () => {
  expect(renderStatus(application(), [event({ count: 3 })], options)).toContain('1h (x3)');
});

test('what others wrote neither ends a line nor steers the terminal', () => {
  const note = 'gone\n\u001b[2J\u009b1m\u007f';
  const text = renderStatus(application(), [event({ note, type: 'Warning' })], options);
  expect(text).toContain('gone\\n\\u001b[2J\\u009b1m\\u007f\n');
});
