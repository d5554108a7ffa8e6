import { allEventContracts } from '@orion/platform/event-contracts';

/** `dev.orion.user.login.v1` -> `user.login`; a type of another shape is its own name. */
export function nameOfType(type: string): string {
  return /^dev\.orion\.(.+)\.v\d+$/.exec(type)?.[1] ?? type;
}

const RESERVED_SUBJECTS = new Set(allEventContracts.map(({ type }) => subjectOf(nameOfType(type))));

/** Whether a name is in the realm of the platform's own events, so that no client can pretend that one happened. */
export function isReservedName(name: string): boolean {
  return RESERVED_SUBJECTS.has(subjectOf(name));
}

function subjectOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
