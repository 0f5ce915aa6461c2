import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the range that Linux and macOS take client ports from: there, a client that retries while
// the server is down can connect to itself, and any connection can take the port of a restart.
const lowest = 20_000;
const highest = 32_000;
const attempts = 100;

/** Finds a free TCP port on 127.0.0.1 that no client takes by chance. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port on 127.0.0.1 among ${attempts} between ${lowest} and ${highest}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
