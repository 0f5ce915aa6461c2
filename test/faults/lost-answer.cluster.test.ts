import { expect, onTestFinished, test } from 'vitest';
import { conditionOf } from '../controller/harness.ts';
import { expectTruthfulHistory, watchHistory } from '../controller/observe.ts';
import { fallSilent } from '../fault-proxy/faults.ts';
import { isWatch, type ProxiedRequest } from '../fault-proxy/request.ts';
import { eventually } from '../setup/cluster.ts';
import { FaultRig, isSecretWrite } from './rig.ts';

const isSecretWatch = (request: ProxiedRequest) =>
  isWatch(request) && request.path.endsWith('/secrets');

test('a rotation whose answer was lost, and that no watch tells of: status does not deny the previous secret', async () => {
  const rig = await FaultRig.start();
  onTestFinished(() => rig.stop());
  const { workspace, proxy } = rig;
  await workspace.create('web');
  await workspace.published('web', 1);
  await rig.idle();
  const moments = await watchHistory(workspace.namespace);
  let lost = 0;
  proxy.intercept({
    onAnswer(request) {
      if (isSecretWatch(request)) return fallSilent;
      if (!isSecretWrite(request) || lost > 0) return undefined;
      lost += 1;
      return 'cut';
    },
  });
  expect(proxy.cut(isSecretWatch)).toBe(1);
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await eventually(() => expect(lost).toBe(1));

  await workspace.edit('web', { rotation: { rotateAfter: null }, revokePreviousSecret: true });
  const { status } = await workspace.reaches('web', (application) => {
    expect(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('Revoked');
  });
  expect(status).toMatchObject({
    currentSecret: { version: 2 },
    lastRevocation: { version: 1, reason: 'Requested' },
  });
  const told = moments().filter(
    ({ kind, object }) =>
      kind === 'secret' || object.status?.observedGeneration === object.metadata.generation,
  );
  expectTruthfulHistory(told);
  expect(rig.secretWrites).toBe(3);
});
