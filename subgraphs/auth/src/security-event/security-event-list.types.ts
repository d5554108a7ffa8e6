import { PageArgs } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { SecurityEventType, SecuritySeverity } from './security-event.types.js';

@InputType({ description: 'Which security events; all that is given has to hold.' })
export class SecurityEventFilter {
  @Field(() => ID, { nullable: true, description: 'Those about this person.' })
  readonly userId?: string | null;

  @Field(() => [SecurityEventType], { nullable: true, description: 'Those of one of these types.' })
  readonly types?: readonly SecurityEventType[] | null;

  @Field(() => [SecuritySeverity], { nullable: true, description: 'Those of one of these severities.' })
  readonly severities?: readonly SecuritySeverity[] | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Those from this moment on.' })
  readonly occurredAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Those before this moment.' })
  readonly occurredBefore?: Date | null;
}

@ArgsType()
export class SecurityEventListArgs extends PageArgs {
  @Field(() => SecurityEventFilter, { nullable: true, description: 'Which; all when not given.' })
  readonly filter?: SecurityEventFilter | null;
}
