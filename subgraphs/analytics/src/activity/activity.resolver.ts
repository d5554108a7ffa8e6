import { badUserInput } from '@orion/platform/errors';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { withTimezone } from '../report/timezone.js';
import { User } from '../user/user.stub.js';
import type { ActivityService } from './activity.service.js';
import { ActivitySummary, DayCount } from './activity.types.js';

const MOST_DAYS = 90;

@Resolver(() => User)
export class UserActivityResolver {
  constructor(private readonly activity: ActivityService) {}

  @Auth('analytics:read:own')
  @FieldResolver(() => ActivitySummary, {
    nullable: true,
    description: 'What they did and what happened to them, as far as events are kept.',
  })
  activitySummary(@Root() user: User, @Ctx() context: SubgraphContext): Promise<ActivitySummary> {
    return context.loaders.load(this.activity.summaries, user.id);
  }
}

@Resolver(() => ActivitySummary)
export class ActivitySummaryResolver {
  constructor(private readonly activity: ActivityService) {}

  @FieldResolver(() => [DayCount], {
    nullable: true,
    description: 'The latest days, oldest first; today is the last one.',
  })
  async days(
    @Root() summary: ActivitySummary,
    @Arg('last', () => Int, { defaultValue: 7, description: 'How many days, 1 to 90.' }) last: number,
    @Arg('timezone', () => String, {
      defaultValue: 'UTC',
      description: 'Whose days (IANA), for instance Europe/Berlin.',
    })
    timezone: string,
    @Ctx() context: SubgraphContext,
  ): Promise<DayCount[]> {
    if (last < 1 || last > MOST_DAYS) throw badUserInput(`last must be between 1 and ${MOST_DAYS}, it was ${last}.`);
    const days = await withTimezone(timezone, (zone) =>
      context.loaders.load(this.activity.days, { userId: summary.userId, last, timezone: zone }),
    );
    return [...days];
  }
}
