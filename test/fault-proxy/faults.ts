import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Relay, Substitute } from './fault-proxy.ts';

/** Answers with an error, as the API server words it. */
export function refuse(code: number, reason: string, retryAfterSeconds?: number): Substitute {
  const status = {
    ...{ apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason },
    message: `made up: ${reason}`,
  };
  const retryAfter = retryAfterSeconds !== undefined && { 'retry-after': `${retryAfterSeconds}` };
  return (outgoing) => {
    outgoing.writeHead(code, { 'content-type': 'application/json', ...retryAfter });
    outgoing.end(JSON.stringify(status));
  };
}

/** Answers 200 with a document. */
export function serve(document: string): Substitute {
  return (outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(document);
  };
}

/** Never answers. */
export const ignore: Substitute = () => undefined;

/** Answers with a head, after which nothing comes. */
export const fallSilent: Relay = (answer) => {
  answer.resume();
};

/** Ends the connection after half of what comes first. */
export const cutInHalf: Relay = (answer, outgoing) => {
  answer.once('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, chunk.length / 2), () => outgoing.destroy());
    answer.destroy();
  });
};

/** One byte after another, at most four a second. */
export const trickle = relay(async (answer, outgoing) => {
  for await (const chunk of answer) {
    for (const byte of Buffer.from(chunk)) {
      if (outgoing.closed) return;
      outgoing.write(Buffer.of(byte));
      await delay(250);
    }
  }
  outgoing.end();
});

/** Interrupts within each character of more than one byte. */
export const splitCharacters = relay(async (answer, outgoing) => {
  for await (const chunk of answer) {
    let from = 0;
    const bytes = Buffer.from(chunk);
    for (let at = 0; at < bytes.length; at += 1) {
      if (!isContinuation(bytes[at])) continue;
      outgoing.write(bytes.subarray(from, at));
      from = at;
      // So that the two halves do not travel together.
      await delay(5);
    }
    outgoing.write(bytes.subarray(from));
  }
  outgoing.end();
});

function isContinuation(byte = 0): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

/** Ends a watch with an ERROR event. */
export const errorEvent: Relay = (answer, outgoing) => {
  answer.resume();
  const object = { kind: 'Status', code: 500, reason: 'InternalError', message: 'made up' };
  outgoing.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
};

/** A watch without its bookmarks. */
export const withoutBookmarks = relay(async (answer, outgoing) => {
  let rest = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes('"type":"BOOKMARK"')) outgoing.write(`${line}\n`);
    }
  }
  outgoing.end(rest);
});

/** Passes a body on piece by piece; where the answer breaks off, so does what is passed on. */
function relay(pass: (answer: IncomingMessage, outgoing: ServerResponse) => Promise<void>): Relay {
  return (answer, outgoing) => {
    pass(answer, outgoing).catch(() => outgoing.destroy());
  };
}
