import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv/dist/2020.js';

/** A place in the Compose file and what is wrong there. */
export interface ComposeFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Validates a parsed Compose file against the schema of the Compose Specification (images/compose-spec). */
export async function validateCompose(
  file: unknown,
  { root }: { readonly root: string },
): Promise<readonly ComposeFault[]> {
  const schema = JSON.parse(
    await readFile(path.join(root, 'images', 'compose-spec', 'compose-spec.json'), 'utf8'),
  ) as object;
  // The specification leaves types to be inferred here and there, which strict mode forbids.
  const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schema);
  if (validate(file)) return [];
  return innermost(validate.errors ?? []).map(toFault);
}

/** An alternative (`oneOf`) that does not fit reports itself and every branch: the deepest report says most. */
function innermost(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  return errors.filter(
    (error) => !errors.some((other) => other !== error && other.instancePath.startsWith(`${error.instancePath}/`)),
  );
}

function pathOf(pointer: string): (string | number)[] {
  const parts = pointer.split('/').slice(1);
  return parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function toFault({ instancePath, message, params }: ErrorObject): ComposeFault {
  const { additionalProperty, unevaluatedProperty = additionalProperty } = params as {
    readonly additionalProperty?: unknown;
    readonly unevaluatedProperty?: unknown;
  };
  const at = pathOf(instancePath);
  if (typeof unevaluatedProperty !== 'string')
    return { path: at, message: `the Compose Specification says: ${message ?? 'not valid'}` };
  return {
    path: [...at, unevaluatedProperty],
    message: `"${unevaluatedProperty}" is not part of the Compose Specification here`,
  };
}
