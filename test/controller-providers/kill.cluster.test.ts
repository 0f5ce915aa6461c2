import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Workspace } from '../controller/harness.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type ProxiedRequest, writeOf } from '../fault-proxy/request.ts';
import { type OperatorProcess, startOperatorProcess } from '../process/operator-process.ts';
import { eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import type { ReceivedRequest } from '../simulators/pingone/host.ts';
import { startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import { createProvider } from './oidc-provider.ts';
import { pingOneSpec, workerCredentials } from './provider-rig.ts';
import {
  concerns,
  expectDone,
  type Place,
  prepare,
  type Scenario,
  scenarios,
} from './scenarios.ts';

const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
afterAll(proxy.stop);

/**
 * When in the life of a request the operator is killed, and what becomes of the request: it never
 * arrives, it arrives although nobody waits for its answer, or it has been carried out.
 */
type Moment = 'it never arrives' | 'it arrives afterwards' | 'it was carried out';

interface Kill {
  /** Which of the requests and writes, counted from 0. */
  readonly at: number;
  readonly moment: Moment;
}

/** An operator as a process, between a PingOne environment and the API server. */
class Rig {
  readonly place: Place;
  readonly #namespace: string;
  #operator: OperatorProcess;

  private constructor(place: Place, namespace: string, operator: OperatorProcess) {
    this.place = place;
    this.#namespace = namespace;
    this.#operator = operator;
  }

  static async start(): Promise<Rig> {
    const namespace = await testNamespace();
    const pingone = await startPingOneSimulator({ rateLimit: 'none' });
    onTestFinished(() => pingone.stop());
    const operator = await startOperator(namespace);
    await createProvider(namespace, pingOneSpec(pingone), workerCredentials(pingone));
    const workspace = new Workspace(namespace);
    return new Rig({ workspace, pingone, now: Date.now }, namespace, operator);
  }

  /** What a scenario asks of the provider and the API server, in this order. */
  async record(scenario: Scenario): Promise<readonly string[]> {
    const subject = await prepare(this.place, scenario, 'undisturbed');
    const steps: string[] = [];
    const isAbout = concerns(subject.client);
    this.place.pingone.faults.arm(
      {
        where: (request) => {
          if (isAbout(request)) steps.push(`${request.method} ${request.server}`);
          return false;
        },
      },
      { kind: 'drop', when: 'before' },
    );
    const disarm = proxy.intercept({
      onRequest: (request) => {
        if (isWriteFor('undisturbed', request)) steps.push(`${request.method} kubernetes`);
        return undefined;
      },
    });
    await scenario.change(this.place, 'undisturbed');
    await eventually(() => expectDone(this.place, scenario, subject));
    disarm();
    this.place.pingone.faults.disarm();
    return steps;
  }

  /** Plays a scenario, kills the operator, and starts it again. */
  async play(scenario: Scenario, kill: Kill, name: string): Promise<void> {
    const subject = await prepare(this.place, scenario, name);
    const disarm = this.#arm(concerns(subject.client), kill, name);
    await scenario.change(this.place, name);
    await this.#operator.exited;
    disarm();
    this.#operator = await startOperator(this.#namespace);
    await eventually(() => expectDone(this.place, scenario, subject), { timeoutMs: 60_000 });
  }

  #arm(isAbout: (request: ReceivedRequest) => boolean, { at, moment }: Kill, name: string) {
    let seen = -1;
    const isTurn = (request: ReceivedRequest) => {
      if (!isAbout(request)) return false;
      seen += 1;
      if (seen !== at) return false;
      return true;
    };
    const killed = Promise.withResolvers<void>();
    const { faults } = this.place.pingone;
    faults.arm(
      {
        where: (request) => {
          const struck = isTurn(request);
          if (struck) void this.#kill(killed, moment);
          return struck;
        },
      },
      {
        kind: 'hold',
        when: moment === 'it was carried out' ? 'after' : 'before',
        until: killed.promise,
      },
    );
    const dies = async (request: ProxiedRequest, when: Moment) => {
      if (!isWriteFor(name, request)) return undefined;
      if (when === 'it never arrives') seen += 1;
      if (seen !== at || moment !== when) return undefined;
      await this.#operator.end('SIGKILL');
      return 'cut' as const;
    };
    const stop = proxy.intercept({
      onRequest: (request) => dies(request, 'it never arrives'),
      onAnswer: (request) => dies(request, 'it was carried out'),
    });
    return () => {
      stop();
      faults.disarm();
    };
  }

  async #kill(killed: PromiseWithResolvers<void>, moment: Moment): Promise<void> {
    await this.#operator.end('SIGKILL');
    if (moment === 'it arrives afterwards') killed.resolve();
    else killed.reject(new Error('the operator was killed'));
  }
}

async function startOperator(namespace: string): Promise<OperatorProcess> {
  const operator = await startOperatorProcess({
    args: [
      `--kubeconfig=${proxy.kubeConfig.path}`,
      `--namespaces=${namespace}`,
      '--cluster-providers=false',
    ],
  });
  await operator.untilReady();
  return operator;
}

/** Events do not count: nothing waits for them. */
function isWriteFor(name: string, request: ProxiedRequest): boolean {
  const write = writeOf(request);
  return write !== undefined && write.object === name && !write.what.endsWith('events');
}

/** Every way to be killed at a step; only what changes something can have been carried out or not. */
function momentsOf(step: string): readonly Moment[] {
  if (step === 'POST api' || step === 'DELETE api') {
    return ['it never arrives', 'it arrives afterwards', 'it was carried out'];
  }
  return step.endsWith('kubernetes')
    ? ['it never arrives', 'it was carried out']
    : ['it never arrives'];
}

test.for(scenarios)(
  'killed at any step of: $name; after a restart all is as without, and nothing happens twice',
  { timeout: 600_000 },
  async (scenario) => {
    const rig = await Rig.start();
    const steps = await rig.record(scenario);
    expect(steps).toContain(scenario.name === 'revocation' ? 'DELETE api' : 'POST api');
    for (const [at, step] of steps.entries()) {
      for (const [index, moment] of momentsOf(step).entries()) {
        await rig.play(scenario, { at, moment }, `killed-${at}-${index}`);
      }
    }
  },
);
