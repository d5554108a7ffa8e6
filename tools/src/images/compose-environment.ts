import type { ComposeFile } from './compose-file.js';
import { interpolationsOf } from './interpolation.js';

/** A variable that a Compose file takes from .env, in the order of the file. */
export interface ComposeVariable {
  readonly name: string;
  /** Compose refuses to start without it. */
  readonly required: boolean;
  /** The default that the Compose file gives, undefined when it gives none. */
  readonly standard: string | undefined;
}

/** Every variable that the services of the file take from .env, by `${NAME}` or by a key without a value. */
export function composeVariablesOf(file: ComposeFile): readonly ComposeVariable[] {
  const found = new Map<string, ComposeVariable>();
  const add = (variable: ComposeVariable): void => {
    const before = found.get(variable.name);
    found.set(variable.name, {
      name: variable.name,
      required: variable.required || before?.required === true,
      standard: before?.standard ?? variable.standard,
    });
  };
  for (const service of Object.values(file.services)) {
    for (const [name, value] of Object.entries(service.environment ?? {})) {
      if (value === null) add({ name, required: false, standard: undefined });
    }
    for (const text of textsOf(service)) {
      for (const { name, operator, word } of interpolationsOf(text)) {
        add({ name, required: operator.endsWith('?'), standard: operator.endsWith('-') ? word : undefined });
      }
    }
  }
  return [...found.values()];
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* textsOf(item);
}
