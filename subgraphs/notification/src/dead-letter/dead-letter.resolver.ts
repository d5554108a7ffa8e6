import { isUuid } from '@orion/platform/ids';
import type { LivePoll } from '@orion/platform/live';
import { pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import { User } from '../recipient/user.stub.js';
import { DeadLetterOperation } from './dead-letter-operation.entity.js';
import { DeadLetter, DeadLetterConnection } from './dead-letter.entity.js';
import type { DeadLetterService } from './dead-letter.service.js';
import { DeadLetterListArgs } from './dead-letter.types.js';

@Resolver(() => DeadLetter)
export class DeadLetterResolver {
  constructor(
    private readonly letters: DeadLetterService,
    private readonly changes: LivePoll<DeadLetter>,
  ) {}

  @Auth('deadletter:read:any')
  @Query(() => DeadLetterConnection, {
    nullable: true,
    description:
      'Events that consumer groups of all services gave up on; those that died last first unless ordered otherwise.',
  })
  deadLetters(
    @Args(() => DeadLetterListArgs) args: DeadLetterListArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<DeadLetterConnection> {
    const { filter = null, orderBy = null } = args;
    const request = pageRequest(args, { list: 'Query.deadLetters', filter, orderBy }, context);
    return this.letters.page({ filter, order: orderBy }, request);
  }

  @Auth('deadletter:read:any')
  @Query(() => DeadLetter, { nullable: true, description: 'A dead letter by id; null when there is none.' })
  deadLetter(
    @Arg('id', () => ID, { description: 'UUID of the dead letter.' }) id: string,
    @Ctx() context: SubgraphContext,
  ): Promise<DeadLetter | null> {
    return context.loaders.load(this.letters.byId, id);
  }

  @Auth('deadletter:read:any')
  @Subscription(() => DeadLetter, {
    description: 'Each dead letter after each change: a new one, one that was operated on, one that was settled.',
    subscribe: ({ context }: { context: SubgraphContext }) => context.resolver(DeadLetterResolver).changes.listen(),
  })
  deadLetterChanged(@Root() letter: DeadLetter): DeadLetter {
    return letter;
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description:
      'What the event says, as its group was given it; it may break the contract of its type. Null when the event was too large to be sent along, or when it was about a person who is deleted.',
  })
  data(@Root() { envelope }: DeadLetter): unknown {
    return envelope?.data ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Producer of the event; null when it is not known.' })
  source(@Root() { envelope }: DeadLetter): string | null {
    return envelope?.source ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Topic of the event; null when it is not known.' })
  topic(@Root() { envelope }: DeadLetter): string | null {
    return envelope?.topic ?? null;
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the event happened; null when it is not known.',
  })
  occurredAt(@Root() { envelope }: DeadLetter): Date | null {
    const time = new Date(envelope?.time ?? Number.NaN);
    return Number.isNaN(time.getTime()) ? null : time;
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description: 'Id of the request or process that started it all; null when it is not known.',
  })
  correlationId(@Root() { envelope }: DeadLetter): string | null {
    return envelope?.correlationId ?? null;
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description: 'Id of the event or request that caused the event; null when it is not known.',
  })
  causationId(@Root() { envelope }: DeadLetter): string | null {
    return envelope?.causationId ?? null;
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'Who acted; null when it was the system, or is not known.',
  })
  actor(@Root() { envelope }: DeadLetter): User | null {
    const id = envelope?.actorId ?? null;
    return id !== null && isUuid(id) ? { id } : null;
  }

  @FieldResolver(() => [DeadLetterOperation], { description: 'What operators asked for, first to last.' })
  operations(@Root() letter: DeadLetter, @Ctx() context: SubgraphContext): Promise<readonly DeadLetterOperation[]> {
    return context.loaders.load(this.letters.operationsOfLetters, letter.id);
  }
}
