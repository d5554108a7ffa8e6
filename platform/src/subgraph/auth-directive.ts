import { Directive } from 'type-graphql';

/** Special values of `@auth(permission:)`. */
export const PUBLIC = 'public';
export const AUTHENTICATED = 'authenticated';
export const INTERACTIVE = 'interactive';
export const IMPERSONATED = 'impersonated';

/** With `stepUp: true` the viewer proved who they are at most so many seconds ago. */
export const STEP_UP_SECONDS = 600;

/** What a field may ask for besides a permission. */
export interface AuthOptions {
  /** The viewer proved who they are within the last {@link STEP_UP_SECONDS}, else STEP_UP_REQUIRED. */
  readonly stepUp?: boolean;
}

/**
 * Says what a field needs: a permission `resource:action:scope`. `own` lets the owner through, and holders of the same
 * permission with scope `any`. It is part of the published schema and enforced in every subgraph that carries it.
 */
export function Auth(permission: string, { stepUp = false }: AuthOptions = {}): PropertyDecorator & MethodDecorator {
  return Directive(`@auth(permission: "${permission}"${stepUp ? ', stepUp: true' : ''})`);
}

/** For operations that anybody may call. */
export const Public = (): PropertyDecorator & MethodDecorator => Auth(PUBLIC);

/** For operations that any signed-in viewer may call on their own behalf; of those, API keys may only read. */
export const Authenticated = (): PropertyDecorator & MethodDecorator => Auth(AUTHENTICATED);

/** For operations that a person does in a session of their own: no API key, and nobody who impersonates them. */
export const Interactive = (options?: AuthOptions): PropertyDecorator & MethodDecorator => Auth(INTERACTIVE, options);

/** For what ends an impersonation: the one mutation that somebody may call who impersonates, and nobody else. */
export const Impersonated = (): PropertyDecorator & MethodDecorator => Auth(IMPERSONATED);
