import { expect, test } from 'vitest';
import {
  ApiError,
  isAlreadyExists,
  isConflict,
  isNotFound,
} from '../../src/kubernetes/api-error.ts';

const cases = [
  { status: 404, reason: 'NotFound', is: isNotFound },
  { status: 409, reason: 'Conflict', is: isConflict },
  { status: 409, reason: 'AlreadyExists', is: isAlreadyExists },
];

test.each(cases)('$reason of the API server tells of the object, a webhook’s does not', (row) => {
  const { status, reason, is } = row;
  const told = (message: string) =>
    is(new ApiError({ method: 'PATCH', path: '/x' }, status, { message, reason }));
  expect(told('secrets "x": please apply your changes to the latest version')).toBe(true);
  expect(told('admission webhook "quota.example.com" denied the request: no')).toBe(false);
});
