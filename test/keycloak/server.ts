import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../testbed/ports.ts';
import { createProcessGroup, type SupervisedProcess } from '../testbed/processes.ts';
import { ensureKeycloak } from './install.ts';
import { java, javaArgs } from './java.ts';

/** Where a Keycloak is, with its administrator's password: for tests alone. */
export interface KeycloakAddress {
  /** The base URL, without a trailing slash. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface KeycloakServer {
  readonly address: KeycloakAddress;
  /** Ends it and deletes all its data. */
  stop(): Promise<void>;
}

const username = 'admin';
const readyLimitMs = 600_000;
const readyPollMs = 250;

/**
 * Starts a Keycloak on a free port of 127.0.0.1, with its data in memory, and resolves when it is
 * ready (some 30 s of CPU time). It ends with this process, however this process ends.
 */
export async function startKeycloak(): Promise<KeycloakServer> {
  const distribution = await ensureKeycloak();
  const group = await createProcessGroup();
  try {
    const home = join(group.directory, 'keycloak');
    const [port, managementPort] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    const password = randomBytes(24).toString('base64url');
    prepareHome(home, distribution, [
      `bootstrap-admin-username=${username}`,
      `bootstrap-admin-password=${password}`,
      'http-enabled=true',
      'http-host=127.0.0.1',
      `http-port=${port}`,
      'http-management-host=127.0.0.1',
      `http-management-port=${managementPort}`,
      `hostname=${url}`,
      'cache=local',
    ]);
    const server = group.start('keycloak', java(), javaArgs(home, ['start', '--optimized']));
    await untilReady(`http://127.0.0.1:${managementPort}/health/ready`, server);
    return { address: { url, username, password }, stop: group.stop };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** A folder of its own for data and configuration; what is large is shared and only read. */
function prepareHome(home: string, distribution: string, configuration: readonly string[]): void {
  mkdirSync(home);
  for (const name of ['lib', 'providers', 'themes', 'version.txt']) {
    symlinkSync(join(distribution, name), join(home, name));
  }
  cpSync(join(distribution, 'conf'), join(home, 'conf'), { recursive: true });
  // A file, since everybody can read a process's arguments.
  const file = join(home, 'conf', 'keycloak.conf');
  writeFileSync(file, `${configuration.join('\n')}\n`, { mode: 0o600 });
}

async function untilReady(url: string, server: SupervisedProcess): Promise<void> {
  const deadline = Date.now() + readyLimitMs;
  while (Date.now() < deadline) {
    server.assertRunning();
    const ready = await fetch(url).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (ready) return;
    await delay(readyPollMs);
  }
  throw new Error(`Keycloak is not ready after ${readyLimitMs / 1000} s`);
}
