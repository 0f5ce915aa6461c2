import type { Application } from './application.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { printStep } from './terminal.ts';
import { accepted, type TokenEndpoint } from './token-endpoint.ts';

// A change reaches an OIDC server that reads the Secrets by its own watch.
const soon = { withinMs: 5_000 };

const atVersion = (version: number) => `jsonpath={.status.currentSecret.version}=${version}`;
const notRetained = 'condition=PreviousSecretRetained=false';
const rotateNow = () => `rotateAfter: "${new Date().toISOString()}"`;

/** Tells the story of three client secrets. Rejects as soon as something is not as it should be. */
export async function tellStory(
  web: Application,
  endpoint: TokenEndpoint,
  { beginning, refusal: refused }: AuthorizationServer,
): Promise<void> {
  printStep(1, 'Issue', beginning);
  await web.apply();
  await web.waitFor('condition=Ready');
  await web.show();
  const first = await web.readSecret(1);
  await endpoint.expect(first, accepted, soon);

  printStep(2, 'Rotate', 'A second secret is issued. The first one stays valid for 24 h.');
  const rotation = ['rotation:', `  ${rotateNow()}`];
  await web.apply(rotation);
  await web.waitFor(atVersion(2));
  await web.show();
  const second = await web.readSecret(2);
  await endpoint.expect(second, accepted, soon);
  await endpoint.expect(first, accepted);

  printStep(3, 'Revoke', 'The consumers have moved. The first secret ends before its time.');
  await web.apply([...rotation, 'revokePreviousSecret: true']);
  await web.waitFor(notRetained);
  await web.show();
  await endpoint.expect(first, refused, soon);
  await endpoint.expect(second, accepted);

  printStep(4, 'Rotate once more', 'This time the previous secret is retained for 1 minute.');
  await web.apply([
    'rotation:',
    `  ${rotateNow()}`,
    '  retainPreviousFor: 1m',
    'revokePreviousSecret: false',
  ]);
  await web.waitFor(atVersion(3));
  await web.show();
  const third = await web.readSecret(3);
  await endpoint.expect(third, accepted, soon);
  await endpoint.expect(second, accepted);

  printStep(5, 'Expire', 'Nobody does anything. The second secret ends by itself.');
  await endpoint.expectExpiry(second, await web.readExpiry(), refused);
  await endpoint.expect(third, accepted);
  await web.waitFor(notRetained);
  await web.show();
}
