import { Auth } from '@orion/platform/subgraph';
import { Arg, Int, Query, Resolver } from 'type-graphql';
import type { ActiveUsersService } from './active-users.service.js';
import type { ArrivalsService } from './arrivals.service.js';
import type { LoginPatternsService } from './login-patterns.service.js';
import {
  ActiveUsers,
  ActiveUsersInput,
  EventName,
  IngestLag,
  LoginPattern,
  LoginPatternsInput,
  Trend,
  TrendInput,
} from './report.types.js';
import type { TrendService } from './trend.service.js';

@Resolver()
export class ReportResolver {
  constructor(
    private readonly trends: TrendService,
    private readonly users: ActiveUsersService,
    private readonly patterns: LoginPatternsService,
    private readonly arrivals: ArrivalsService,
  ) {}

  @Auth('analytics:read:any')
  @Query(() => Trend, { nullable: true, description: 'How often something happened over time.' })
  trend(@Arg('input', () => TrendInput, { description: 'What to count.' }) input: TrendInput): Promise<Trend> {
    return this.trends.read(input);
  }

  @Auth('analytics:read:any')
  @Query(() => ActiveUsers, { nullable: true, description: 'How many people did something, by day, week and month.' })
  activeUsers(
    @Arg('input', () => ActiveUsersInput, { description: 'Which days.' }) input: ActiveUsersInput,
  ): Promise<ActiveUsers> {
    return this.users.read(input);
  }

  @Auth('analytics:read:any')
  @Query(() => [LoginPattern], {
    nullable: true,
    description: 'Logins by weekday and hour: all 168 hours of the week, in order.',
  })
  loginPatterns(
    @Arg('input', () => LoginPatternsInput, { description: 'Which logins.' }) input: LoginPatternsInput,
  ): Promise<LoginPattern[]> {
    return this.patterns.read(input);
  }

  @Auth('analytics:read:any')
  @Query(() => [EventName], { nullable: true, description: 'Kinds of events, most frequent first.' })
  eventNames(
    @Arg('days', () => Int, { defaultValue: 30, description: 'How many days to look back, 1 to 400.' }) days: number,
  ): Promise<EventName[]> {
    return this.arrivals.eventNames(days);
  }

  @Auth('analytics:read:any')
  @Query(() => IngestLag, { nullable: true, description: 'How far analytics is behind.' })
  ingestLag(): Promise<IngestLag> {
    return this.arrivals.ingestLag();
  }
}
