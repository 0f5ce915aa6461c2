import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The keywords of OpenAPI that the CRDs use. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'boolean' | 'integer';
  readonly title?: string;
  readonly description?: string;
  readonly enum?: string[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  readonly 'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
}

interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

interface PrinterColumn {
  readonly name: string;
  readonly description?: string;
  readonly priority?: number;
}

/** What is read of a CRD. */
export interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: {
      readonly kind: string;
      readonly plural: string;
      readonly shortNames: readonly string[];
    };
    readonly versions: readonly [DefinitionVersion];
  };
}

interface DefinitionVersion {
  readonly name: string;
  readonly additionalPrinterColumns: readonly PrinterColumn[];
  readonly schema: { readonly openAPIV3Schema: Schema };
}

const ROOT = new URL('../', import.meta.url);

/** The path of a file of the repository. */
export function pathOf(file: string): URL {
  return new URL(file, ROOT);
}

export function readDefinition(file: string): Definition {
  return parse(readFileSync(pathOf(file), 'utf8'));
}

/** The schema at a path of properties; fails where the CRD has none. */
export function at(schema: Schema, ...path: string[]): Schema {
  return path.reduce((current, name) => {
    const next = current.properties?.[name];
    if (next === undefined) throw new Error(`the schema has no ${path.join('.')}`);
    return next;
  }, schema);
}
