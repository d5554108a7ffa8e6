import { unauthenticated } from '../errors/index.js';
import type { RequestOrigin, Viewer } from '../identity/index.js';
import { createLoaders } from '../loading/index.js';
import type { Loaders } from '../loading/index.js';
import type { CursorSigner } from '../pagination/index.js';

/** What every resolver receives: who asks, and the loaders of this request. */
export interface SubgraphContext extends RequestOrigin {
  readonly loaders: Loaders;
  /** Of this service's lists: what `pageRequest` takes from here. */
  readonly cursors: CursorSigner;
  /**
   * The running instance of a resolver class. For `subscribe` functions, which type-graphql calls without one:
   * `subscribe: ({ context }) => context.resolver(SessionResolver).listen(context)`.
   */
  resolver<Type extends object>(type: new (...args: never[]) => Type): Type;
}

/** Makes the context of a request (`once`) or of a subscription (`live`), whose loaders must not remember. */
export type ContextFactory = (origin: RequestOrigin, kind: 'once' | 'live') => SubgraphContext;

/** @param resolvers the instances that `assemble` returned. */
export function contextFactory(resolvers: readonly object[], cursors: CursorSigner): ContextFactory {
  const instances = new Map<Function, object>(resolvers.map((instance) => [instance.constructor, instance]));
  return (origin, kind) => ({
    ...origin,
    loaders: createLoaders({ cache: kind === 'once' }),
    cursors,
    resolver<Type extends object>(type: new (...args: never[]) => Type): Type {
      const instance = instances.get(type);
      if (instance === undefined) throw new Error(`assemble() returned no instance of ${type.name}`);
      return instance as Type;
    },
  });
}

/** The signed-in viewer. Throws UNAUTHENTICATED when nobody is. */
export function viewerOf(context: SubgraphContext): Viewer {
  if (context.viewer === null) throw unauthenticated();
  return context.viewer;
}
