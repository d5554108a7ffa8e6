import { Directive } from 'type-graphql';

/** Special values of `@auth(permission:)`. */
export const PUBLIC = 'public';
export const AUTHENTICATED = 'authenticated';

/**
 * Says what a field needs: a permission `resource:action:scope`. `own` lets the owner through, and holders of the same
 * permission with scope `any`. It is part of the published schema and enforced in every subgraph that carries it.
 */
export function Auth(permission: string): PropertyDecorator & MethodDecorator {
  return Directive(`@auth(permission: "${permission}")`);
}

/** For operations that anybody may call. */
export const Public = (): PropertyDecorator & MethodDecorator => Auth(PUBLIC);

/** For operations that any signed-in viewer may call on their own behalf. */
export const Authenticated = (): PropertyDecorator & MethodDecorator => Auth(AUTHENTICATED);
