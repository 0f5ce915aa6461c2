import { expect } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';

// What a SecretValue holds is private: without this, any two of them would pass for equal.
expect.addEqualityTesters([
  (a: unknown, b: unknown) => {
    if (a instanceof SecretValue && b instanceof SecretValue) return a.equals(b);
    return a instanceof SecretValue === b instanceof SecretValue ? undefined : false;
  },
]);
