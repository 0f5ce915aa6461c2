import type { Interceptor, Relay, Substitute } from '../fault-proxy/fault-proxy.ts';
import {
  cutInHalf,
  errorEvent,
  fallSilent,
  ignore,
  refuse,
  splitCharacters,
  trickle,
  withoutBookmarks,
} from '../fault-proxy/faults.ts';
import { isWatch, isWrite, type ProxiedRequest } from '../fault-proxy/request.ts';
import { isList, isSecretWrite } from './rig.ts';

/** A fault, and how long it lasts. */
export interface FaultCase {
  readonly name: string;
  /** The interceptor that makes it; calls `met` each time that it does something. */
  readonly fault: (met: () => void) => Interceptor;
  /** The watches are cut when it begins, so that new ones meet it. */
  readonly cutsWatches?: true;
  /** How often it must be met before it ends. */
  readonly lasts: number;
  /** How often it must be met before spec changes, where it is to be met before. */
  readonly precedes?: number;
  /** The least milliseconds between two times that it is met. */
  readonly apart?: number;
}

type Matches = (request: ProxiedRequest) => boolean;

const everything: Matches = () => true;

function instead(matches: Matches, substitute: Substitute | 'cut' | 'reset'): FaultCase['fault'] {
  return (met) => ({
    onRequest(request) {
      if (!matches(request)) return undefined;
      met();
      return substitute;
    },
  });
}

function afterwards(matches: Matches, relay: Relay | 'cut'): FaultCase['fault'] {
  return (met) => ({
    onAnswer(request) {
      if (!matches(request)) return undefined;
      met();
      return relay;
    },
  });
}

const isUnary: Matches = (request) => !isWatch(request);

/** Each failure class of the wire, the slow ones first. */
export const FAULTS: readonly FaultCase[] = [
  {
    name: 'a watch that falls silent',
    fault: afterwards(isWatch, fallSilent),
    cutsWatches: true,
    lasts: 2,
  },
  {
    name: 'no bookmarks for so long that the watches are taken for dead',
    fault: afterwards(isWatch, withoutBookmarks),
    cutsWatches: true,
    precedes: 4,
    lasts: 4,
  },
  { name: 'a write that is never answered', fault: instead(isSecretWrite, ignore), lasts: 1 },
  {
    name: 'a write whose answer trickles',
    fault: afterwards(isSecretWrite, trickle),
    lasts: 1,
  },
  { name: '409 to each write', fault: instead(isWrite, refuse(409, 'Conflict')), lasts: 6 },
  {
    name: '410 to each list and watch',
    fault: instead((request) => isWatch(request) || isList(request), refuse(410, 'Expired')),
    cutsWatches: true,
    lasts: 6,
  },
  {
    name: '429 with Retry-After to each write',
    fault: instead(isSecretWrite, refuse(429, 'TooManyRequests', 2)),
    lasts: 3,
    apart: 2000,
  },
  ...([500, 503, 504] as const).map((code) => ({
    name: `${code} to everything`,
    fault: instead(everything, refuse(code, 'MadeUp')),
    lasts: 12,
  })),
  { name: 'connections that are reset', fault: instead(everything, 'reset'), lasts: 8 },
  { name: 'connections that are closed', fault: instead(everything, 'cut'), lasts: 8 },
  {
    name: 'answers that are cut in the middle of JSON',
    fault: afterwards(isUnary, cutInHalf),
    lasts: 2,
  },
  {
    name: 'watches that are cut in the middle of a line',
    fault: afterwards(isWatch, cutInHalf),
    cutsWatches: true,
    lasts: 4,
  },
  {
    name: 'watch lines split inside a character',
    fault: afterwards(isWatch, splitCharacters),
    cutsWatches: true,
    lasts: 2,
  },
  {
    name: 'an ERROR event in each watch',
    fault: afterwards(isWatch, errorEvent),
    cutsWatches: true,
    lasts: 6,
  },
  {
    name: 'writes that are carried out, their answers lost',
    fault: afterwards(isWrite, 'cut'),
    lasts: 2,
  },
];
