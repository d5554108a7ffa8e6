import { Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { TrackService } from './track.service.js';
import { TrackEventsInput, TrackEventsPayload } from './track.types.js';

const MOST_EVENTS = 500;

@Resolver()
export class TrackResolver {
  constructor(private readonly tracking: TrackService) {}

  @Authenticated()
  @Mutation(() => TrackEventsPayload, {
    description: 'Store events of a client of yours. It is safe to send them again.',
  })
  async trackEvents(
    @Arg('input', () => TrackEventsInput, { description: 'The events.' }) input: TrackEventsInput,
    @Ctx() context: SubgraphContext,
  ): Promise<TrackEventsPayload> {
    if (input.events.length > MOST_EVENTS)
      return { results: [], userErrors: [userError('TOO_MANY_EVENTS', ['input', 'events'])] };
    return { results: await this.tracking.track(input.events, viewerOf(context)), userErrors: [] };
  }
}
