import { describe, expect, test } from 'vitest';
import {
  applierOf,
  FIELD_MANAGER,
  type Field,
  managerOf,
  specToApply,
} from '../../src/cli/ownership.ts';
import { ALONE, application, at, managed } from './applications.ts';

const rotateAfter: Field = { path: ['rotation', 'rotateAfter'], value: at() };
const retainPreviousFor: Field = { path: ['rotation', 'retainPreviousFor'], value: '168h' };

describe('who applies a field from elsewhere', () => {
  test.for<[string, 'Apply' | 'Update', boolean]>([
    ['argocd-controller', 'Apply', true],
    ['argocd-controller', 'Update', true],
    ['kustomize-controller', 'Apply', true],
    ['helm-controller', 'Update', true],
    ['helm', 'Update', true],
    ['Helm', 'Update', true],
    ['kubectl-client-side-apply', 'Update', true],
    ['kubectl', 'Apply', true],
    ['pipeline', 'Apply', true],
    ['kubectl-edit', 'Update', false],
    ['kubectl-patch', 'Update', false],
    [FIELD_MANAGER, 'Apply', false],
    [FIELD_MANAGER, 'Update', false],
  ])('%s by %s: %s', ([manager, operation, applies]) => {
    const managedFields = [managed(manager, operation, 'rotation.rotateAfter')];
    const found = applierOf(application(ALONE, {}, { managedFields }), rotateAfter);
    expect(found).toBe(applies ? manager : undefined);
  });

  test('one that applies other fields alone is none', () => {
    const managedFields = [
      managed('argocd-controller', 'Apply', 'rotation.every', 'revokeRetiredBefore'),
    ];
    expect(applierOf(application(ALONE, {}, { managedFields }), rotateAfter)).toBeUndefined();
  });

  test('a default was filled in, not applied, by whoever created the object by update', () => {
    const field = 'rotation.retainPreviousFor';
    const found = (operation: 'Apply' | 'Update', value: string) =>
      applierOf(
        application(
          ALONE,
          { rotation: { retainPreviousFor: value } },
          { managedFields: [managed('helm', operation, field)] },
        ),
        retainPreviousFor,
      );
    expect(found('Update', '24h')).toBeUndefined();
    expect(found('Update', '48h')).toBe('helm');
    expect(found('Apply', '24h')).toBe('helm');
  });

  test('without managed fields, nobody', () => {
    expect(applierOf(application(), rotateAfter)).toBeUndefined();
  });
});

test('the manager of a field is who wrote it last', () => {
  const managedFields = [
    managed('kubectl-create', 'Update', 'clientID'),
    managed('kubectl-edit', 'Update', 'revokePreviousSecret'),
  ];
  const edited = application(ALONE, {}, { managedFields });
  expect(managerOf(edited, 'revokePreviousSecret')).toBe('kubectl-edit');
  expect(managerOf(edited, 'suspend')).toBeUndefined();
});

describe('what is applied', () => {
  const spec = {
    clientID: 'web-shop',
    rotation: { rotateAfter: at(-1), retainPreviousFor: '48h', every: '720h' },
    revokeRetiredBefore: at(-2),
  };

  test('the fields alone, where the plugin applied none before', () => {
    const managedFields = [managed('kubectl', 'Apply', 'clientID', 'rotation.every')];
    expect(specToApply(application(ALONE, spec, { managedFields }), [rotateAfter])).toEqual({
      rotation: { rotateAfter: at() },
    });
  });

  test('beside them, what the plugin applied before and still owns', () => {
    const managedFields = [
      managed('kubectl', 'Apply', 'clientID', 'rotation.every'),
      managed(FIELD_MANAGER, 'Apply', 'rotation.rotateAfter', 'revokeRetiredBefore'),
    ];
    const applied = specToApply(application(ALONE, spec, { managedFields }), [retainPreviousFor]);
    expect(applied).toEqual({
      rotation: { rotateAfter: at(-1), retainPreviousFor: '168h' },
      revokeRetiredBefore: at(-2),
    });
  });

  test('not what it owned but somebody removed', () => {
    const managedFields = [managed(FIELD_MANAGER, 'Apply', 'revokeIssuedBefore')];
    expect(specToApply(application(ALONE, spec, { managedFields }), [rotateAfter])).toEqual({
      rotation: { rotateAfter: at() },
    });
  });
});
