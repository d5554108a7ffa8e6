import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { operatorOf } from '../operator/operator.js';
import { User } from '../recipient/user.stub.js';
import { EventReplay, EventReplayConnection, EventReplayState } from './event-replay.entity.js';
import type { EventReplayService } from './event-replay.service.js';
import { ReplayEventsInput, ReplayEventsPayload } from './event-replay.types.js';

@Resolver(() => EventReplay)
export class EventReplayResolver {
  constructor(private readonly replays: EventReplayService) {}

  @Auth('event:replay:any')
  @Query(() => EventReplayConnection, {
    nullable: true,
    description: 'Replays that were asked for, the last one first.',
  })
  eventReplays(@Args(() => PageArgs) page: PageArgs, @Ctx() context: SubgraphContext): Promise<EventReplayConnection> {
    return this.replays.page(pageRequest(page, { list: 'Query.eventReplays' }, context));
  }

  @Auth('event:replay:any')
  @Mutation(() => ReplayEventsPayload, {
    description:
      'Have a consumer group read the log again: what it lacks takes effect, what has taken effect does not so again. The service of the group is asked, and answers later.',
  })
  replayEvents(
    @Arg('input', () => ReplayEventsInput, { description: 'Which group, and from where.' }) input: ReplayEventsInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ReplayEventsPayload> {
    return this.replays.request(input, operatorOf(context));
  }

  @FieldResolver(() => EventReplayState, { description: 'How far it is.' })
  state(@Root() { finishedAt, error }: EventReplay): EventReplayState {
    if (finishedAt === null) return EventReplayState.REQUESTED;
    return error === null ? EventReplayState.FINISHED : EventReplayState.FAILED;
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who asked for it.' })
  requestedBy(@Root() { requestedById }: EventReplay): User {
    return { id: requestedById };
  }
}
