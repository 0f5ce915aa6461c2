import { setTimeout as delay } from 'node:timers/promises';
import type { Interceptor, Relay, Substitute } from '../../fault-proxy/fault-proxy.ts';
import { cutInHalf, errorEvent, fallSilent, refuse } from '../../fault-proxy/faults.ts';
import { isWatch, isWrite, type ProxiedRequest } from '../../fault-proxy/request.ts';
import type { FaultName } from '../plan/actions.ts';

type Matches = (request: ProxiedRequest) => boolean;

/** A fault, asked about each request until it has been met often enough. */
interface Fault {
  readonly make: (meets: Matches) => Interceptor;
  /** The watches are cut when it begins, so that new ones meet it. */
  readonly cutsWatches?: true;
}

const HELD_MS = 1500;

export const isOnLease: Matches = ({ path }) => path.includes('/leases');
const isSecretWrite: Matches = (request) => isWrite(request) && request.path.includes('/secrets');
const isUnary: Matches = (request) => !isWatch(request) && !isOnLease(request);
const isOfCollections: Matches = (request) => request.method === 'GET' && !isOnLease(request);
const isOrdinaryWrite: Matches = (request) => isWrite(request) && !isOnLease(request);

function instead(matches: Matches, verdict: Substitute | 'cut' | 'reset'): Fault {
  return {
    make: (meets) => ({
      onRequest: (request) => (matches(request) && meets(request) ? verdict : undefined),
    }),
  };
}

function afterwards(matches: Matches, verdict: Relay | 'cut'): Fault {
  return {
    make: (meets) => ({
      onAnswer: (request) => (matches(request) && meets(request) ? verdict : undefined),
    }),
  };
}

const FAULTS: Readonly<Record<FaultName, Fault>> = {
  conflict: instead(isOrdinaryWrite, refuse(409, 'Conflict')),
  gone: { ...instead(isOfCollections, refuse(410, 'Expired')), cutsWatches: true },
  'too many requests': instead(isOrdinaryWrite, refuse(429, 'TooManyRequests', 1)),
  'server error': instead(isUnary, refuse(500, 'InternalError')),
  unavailable: instead(() => true, refuse(503, 'ServiceUnavailable')),
  timeout: instead(isUnary, refuse(504, 'Timeout')),
  reset: instead(isUnary, 'reset'),
  'lost answer': afterwards(isOrdinaryWrite, 'cut'),
  'cut answer': afterwards(isUnary, cutInHalf),
  'cut watch': { ...afterwards(isWatch, cutInHalf), cutsWatches: true },
  'silent watch': { ...afterwards(isWatch, fallSilent), cutsWatches: true },
  'error event': { ...afterwards(isWatch, errorEvent), cutsWatches: true },
  'held write': {
    make: (meets) => ({
      async onRequest(request) {
        if (isSecretWrite(request) && meets(request)) await delay(HELD_MS);
        return undefined;
      },
    }),
  },
  'lease refused': instead(isOnLease, refuse(500, 'InternalError')),
  outage: instead(() => true, 'reset'),
};

/** Each time counts for so many: an outage of a few requests would be none. */
const LENGTHS: Readonly<Partial<Record<FaultName, number>>> = {
  outage: 8,
  unavailable: 4,
  conflict: 2,
};

/** A fault that is met `times` times. */
export function faultOf(
  name: FaultName,
  times: number,
): { readonly interceptor: Interceptor; readonly cutsWatches: boolean } {
  let left = times * (LENGTHS[name] ?? 1);
  const { make, cutsWatches = false } = FAULTS[name];
  const meets = () => {
    left -= 1;
    return left >= 0;
  };
  return { interceptor: make(meets), cutsWatches };
}
