import manifest from '../../package.json' with { type: 'json' };
import type { Component, Inventory } from './inventory.ts';

/**
 * The part of the inventory that is shipped: the packages in the bundles, and no others. It is the same
 * for the same package-lock.json: no time, no number of its own, nothing of the machine.
 */
export function shipped(inventory: Inventory, bundled: ReadonlySet<string>): Inventory {
  const components = inventory.components
    .filter(({ name, version }) => bundled.has(`${name}@${version}`))
    .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const found = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const missing = [...bundled].filter((identity) => !found.has(identity));
  if (missing.length > 0) throw new Error(`not in package-lock.json: ${missing.join(', ')}`);

  const { $schema, bomFormat, specVersion, metadata } = inventory;
  const product: Component = { ...metadata.component, type: 'application', name: manifest.name };
  const refs = new Set([product, ...components].map((component) => component['bom-ref']));
  return {
    $schema,
    bomFormat,
    specVersion,
    metadata: { component: described(product) },
    components: components.map(described),
    dependencies: inventory.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: dependsOn.filter((on) => refs.has(on)).sort(),
      }))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}

function described(component: Component): Component {
  const { type, name, version, purl, hashes = [], licenses = [] } = component;
  return { 'bom-ref': component['bom-ref'], type, name, version, purl, hashes, licenses };
}
