import { createHttpClient } from '../../../src/providers/http.ts';
import { createPingOneProvider } from '../../../src/providers/pingone/provider.ts';
import { ManualClock } from '../../kubernetes/manual-clock.ts';
import { startPingOneSimulator } from '../../simulators/pingone/simulator.ts';
import { describeContract } from '../contract.ts';
import { configFor, SWITCH_POSITIONS, timingOf, tokenStatus } from './harness.ts';

for (const [name, switches] of SWITCH_POSITIONS) {
  describeContract(`PingOne, ${name}`, async () => {
    const clock = new ManualClock();
    const simulator = await startPingOneSimulator({ clock, switches, rateLimit: 'none' });
    const config = configFor(simulator);
    return {
      provider: createPingOneProvider(config, createHttpClient(config), timingOf(clock)),
      newClient: async () => simulator.addApplication().clientID,
      tokenStatus: (clientID, secret) => tokenStatus(simulator, clientID, secret.revealText()),
      now: () => clock.now(),
      reach: async (time) => clock.advance(time - clock.now()),
      stop: () => simulator.stop(),
    };
  });
}
